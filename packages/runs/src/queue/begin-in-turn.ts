import { timestampOf } from '@statebag/contracts';
import type { OwnerId } from '@statebag/contracts/ids';
import { answerOf } from '../aws-failure.ts';
import { beginExecution } from '../begin-execution.ts';
import type { LifecycleEvents } from '../lifecycle-events.ts';
import { executionArn } from '../machine-version.ts';
import type { RunRecord } from '../run-record.ts';
import type { RunRecords } from '../run-records.ts';
import type { Executions } from './executions.ts';
import type { Clock, Pace } from './pace.ts';
import type { StartBook } from './start-book.ts';
import { isThrottled } from './throttled.ts';
import type { Turn } from './turns.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/** What beginning one run takes. */
export interface TurnDeps {
  readonly book: Pick<StartBook, 'take' | 'give'>;
  readonly waiting: Pick<WaitingRuns, 'readWaiting' | 'takeOut' | 'endInLine'>;
  readonly runs: Pick<RunRecords, 'finishRun' | 'markReported'>;
  readonly executions: Pick<Executions, 'startExecution' | 'stopExecution'>;
  readonly events: LifecycleEvents;
  readonly clock: Clock;
  readonly pace: Pace;
  /** Runs of the owner that may be open at once. */
  readonly limitOf: (owner_id: OwnerId) => number | undefined;
}

/**
 * What became of a turn. `out` says whether a run left the line by it.
 * begun: its execution was started · gone: it had begun or ended · refused: the service will never take it ·
 * throttled: not now · full: its owner has no place.
 */
export type Begun = 'begun' | 'gone' | 'refused' | 'throttled' | 'full';

export interface Took {
  readonly became: Begun;
  readonly out: boolean;
}

/**
 * Begins one run whose turn it is. The place comes before the execution and the record changes after it, so
 * that whoever repeats this after a crash does the same again: the service takes a name once, an owner's
 * place is one for a run.
 */
export async function beginInTurn(deps: TurnDeps, { owner_id, execution_id }: Turn): Promise<Took> {
  const found = await deps.waiting.readWaiting(execution_id);
  if (found?.run.queued_at === undefined || found.start_event === undefined)
    return { became: 'gone', out: false };
  const { run, start_event } = found;
  if (run.status !== 'RUNNING') return { became: 'gone', out: await left(deps, run, false) };
  if (run.cancelled_at !== undefined)
    return { became: 'gone', out: await deps.waiting.endInLine(execution_id, run.cancelled_at) };
  const limit = deps.limitOf(owner_id);
  if (limit !== undefined && !(await deps.book.take(owner_id, execution_id, { limit })))
    return { became: 'full', out: false };
  await deps.pace.next();
  const became = await start(deps, run, start_event);
  if (became !== 'begun' && limit !== undefined) await deps.book.give(owner_id, execution_id);
  if (became === 'throttled') return { became, out: false };
  return { became, out: await left(deps, run, limit !== undefined && became === 'begun') };
}

async function start(
  deps: TurnDeps,
  run: RunRecord,
  input: string,
): Promise<'begun' | 'refused' | 'throttled'> {
  const { machine_arn: stateMachineArn, execution_id: name } = run;
  try {
    await answerOf(stateMachineArn, () => beginExecution(deps.executions, { stateMachineArn, name, input }));
    deps.pace.faster();
    return 'begun';
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (isThrottled(cause)) {
      deps.pace.slower();
      return 'throttled';
    }
    if (!(cause instanceof Error) || !NEVER.has(cause.name)) throw error;
    await end(deps, run, cause);
    return 'refused';
  }
}

/** Answers that the same start gets whenever it is made. */
const NEVER: ReadonlySet<string> = new Set([
  'StateMachineDoesNotExist',
  'StateMachineDeleting',
  'InvalidArn',
  'InvalidExecutionInput',
  'InvalidName',
  'ValidationException',
]);

/** A run that can never begin has failed, and whoever listens is told. */
async function end({ runs, events, clock }: TurnDeps, run: RunRecord, cause: Error): Promise<void> {
  const { execution_id, owner_id, workflow_id, definition_id } = run;
  const execution_arn = executionArn(run.machine_arn, execution_id);
  const at = timestampOf(clock.now());
  const error = cause.name;
  await events.put({
    event_type: 'FAILED',
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    execution_arn,
    at,
    status: 'FAILED',
    error,
  });
  await runs.finishRun(execution_id, {
    execution_arn,
    status: 'FAILED',
    ended_at: at,
    error,
    cause: cause.message,
  });
  await runs.markReported(execution_id, execution_arn);
}

/** Takes a run out of the line. One that was cancelled, or has ended, meanwhile holds nothing and runs no more. */
async function left(deps: TurnDeps, run: RunRecord, counted: boolean): Promise<boolean> {
  const { owner_id, execution_id, machine_arn } = run;
  const { out, run: now } = await deps.waiting.takeOut(execution_id, { counted });
  if (now !== undefined && now.status !== 'RUNNING') {
    if (now.cancelled_at !== undefined) await stop(deps, executionArn(machine_arn, execution_id));
    await deps.book.give(owner_id, execution_id);
  }
  return out;
}

async function stop({ executions }: TurnDeps, arn: string): Promise<void> {
  const input = { executionArn: arn, error: 'Run.Cancelled', cause: 'cancelled while it waited to begin' };
  await answerOf(arn, async () => {
    try {
      await executions.stopExecution(input);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
    }
  });
}
