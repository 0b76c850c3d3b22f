import {
  accept,
  isJsonObject,
  type JsonObject,
  StatebagError,
  type Timestamp,
  timestampOf,
} from '@statebag/contracts';
import { isId } from '@statebag/contracts/ids';
import type { StartEvent } from '@statebag/contracts/schemas/events';
import { validateStartEvent } from '@statebag/contracts/validators';
import type { Generation, KeyHolder, TerminalStatus } from '@statebag/runs';
import { INLINE_DEFINITION, legacyIds, legacyKey } from '@statebag/state-core/legacy';

/** What the service says about an execution, as far as it concerns a run. */
export interface StatusChange {
  readonly execution_arn: string;
  readonly name: string;
  readonly machine_arn: string;
  readonly generation: Generation;
  readonly status: 'RUNNING' | TerminalStatus;
  readonly started_at: Timestamp;
  readonly ended_at: Timestamp;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Missing where the event left it out as too large. */
  readonly input: string | undefined;
  readonly output: string | undefined;
}

const STATUSES: readonly string[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** Reads the service's event. @throws `Contract.EventRejected` */
export function statusChangeOf(event: unknown): StatusChange {
  const detail = isJsonObject(event) ? event['detail'] : undefined;
  if (!isJsonObject(detail)) throw rejected('/detail is not an object');
  const { executionArn, name, stateMachineArn, stateMachineVersionArn, status, startDate, stopDate } = detail;
  if (typeof executionArn !== 'string' || typeof name !== 'string' || typeof stateMachineArn !== 'string')
    throw rejected('/detail names no execution');
  if (typeof status !== 'string' || !STATUSES.includes(status))
    throw rejected(`/detail/status ${JSON.stringify(status)} is unknown`);
  return {
    execution_arn: executionArn,
    name,
    machine_arn: textOf(stateMachineVersionArn) ?? stateMachineArn,
    generation: LEGACY_MACHINE.test(stateMachineArn) ? 'legacy' : 'v3',
    status: status as StatusChange['status'], // one of STATUSES
    started_at: timestamp(startDate),
    ended_at: timestamp(stopDate ?? startDate),
    error: textOf(detail['error']),
    cause: textOf(detail['cause']),
    input: textOf(detail['input']),
    output: textOf(detail['output']),
  };
}

/** Machines are named by their generation. */
const LEGACY_MACHINE = /:stateMachine:statebag-legacy-/;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function timestamp(ms: unknown): Timestamp {
  if (typeof ms !== 'number') throw rejected('/detail/startDate is not a time');
  return timestampOf(ms);
}

function rejected(problem: string): StatebagError {
  return new StatebagError('Contract.EventRejected', `event ${problem}`);
}

/** Ids of a run. */
export type RunIds = Pick<
  StartEvent,
  'execution_id' | 'owner_id' | 'workflow_id' | 'definition_id' | 'idempotency_key'
>;

/** Branches, continuations and lists are executions too; their names are hashes. */
const CHILD = /^[0-9a-f]{64}$/;
/** Lists have machines of their own, on which no run begins. */
const LISTS = /:stateMachine:statebag-(v3|legacy)-distributed-/;

/** What an execution is: a run, a part of one, or neither, where its input is one that no run begins with. */
export type Executed = { readonly kind: 'run' | 'part'; readonly ids: RunIds } | { readonly kind: 'other' };

/** Only what brings a bag along can be a part of a run: whoever starts a run may name it as they like. */
export function executed(
  { name, machine_arn, generation }: Pick<StatusChange, 'name' | 'machine_arn' | 'generation'>,
  input: string,
): Executed {
  const document = parsed(input);
  const bag = isJsonObject(document) ? document['state_data'] : undefined;
  const ids = isJsonObject(bag) ? idsOf(bag) : startedIds(document, { name, generation });
  if (!ids) return { kind: 'other' };
  return isJsonObject(bag) && (CHILD.test(name) || LISTS.test(machine_arn))
    ? { kind: 'part', ids }
    : { kind: 'run', ids };
}

function startedIds(
  document: unknown,
  { name, generation }: Pick<StatusChange, 'name' | 'generation'>,
): RunIds | undefined {
  if (!isJsonObject(document)) return undefined;
  if (generation === 'legacy') return legacyRun(document as JsonObject, name); // it was read as JSON
  return validateStartEvent(document) ? accept<StartEvent>(validateStartEvent, document, 'start') : undefined;
}

/** First-generation starts are open, and say of themselves what they like. */
function legacyRun(start: JsonObject, name: string): RunIds | undefined {
  if (!isId(start['owner_id'] ?? start['ownerId'])) return undefined;
  const { workflow_id = start['workflowId'], definition_id } = start;
  const ids = {
    workflow_id: isId(workflow_id) ? workflow_id : 'workflow',
    definition_id: isId(definition_id) ? definition_id : INLINE_DEFINITION,
  };
  return { ...legacyIds(start, name), ...ids } as RunIds; // ids by their grammar
}

/**
 * The key that a first-generation execution takes for its run; nothing for a part of a run, which takes none.
 */
export function keyOfExecution(
  { name }: Pick<StatusChange, 'name'>,
  input: string,
): Pick<KeyHolder, 'owner_id' | 'key'> | undefined {
  const start = parsed(input);
  if (
    !isJsonObject(start) ||
    isJsonObject(start['state_data']) ||
    !isId(start['owner_id'] ?? start['ownerId'])
  )
    return undefined;
  // it was read as JSON
  return {
    owner_id: legacyIds(start as JsonObject, name).owner_id,
    key: legacyKey(start as JsonObject, name),
  };
}

function idsOf(bag: Readonly<Record<string, unknown>>): RunIds | undefined {
  const { execution_id, owner_id, workflow_id, definition_id } = bag;
  const known = [execution_id, owner_id, workflow_id, definition_id].every(isId);
  // ids by their grammar
  return known ? ({ execution_id, owner_id, workflow_id, definition_id } as RunIds) : undefined;
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch (cause) {
    throw new StatebagError('Contract.EventRejected', 'event /detail/input is not JSON', { cause });
  }
}
