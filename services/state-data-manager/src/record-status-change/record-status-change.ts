import { StatebagError } from '@statebag/contracts';
import { answerOf, type ClaimedEnd, type RunRecord, type TerminalStatus } from '@statebag/runs';
import { endKey } from './end-key.ts';
import { keepEnd } from './keep-end.ts';
import type { Recorder } from './recorder.ts';
import { executed, type RunIds, type StatusChange } from './status-change.ts';

/** One try of telling an end: the same one when Lambda repeats it. */
export interface Telling {
  readonly invocation: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Far longer than telling takes, and shorter than Lambda waits before it tries again. */
const LEASE_MS = 45_000;

/**
 * Keeps the record of a run in step with its execution. An end is told once, however often the service
 * reports it.
 */
export async function recordStatusChange(
  deps: Recorder,
  change: StatusChange,
  telling: Telling,
): Promise<void> {
  const input = change.input ?? (await inputOf(deps, change));
  const execution = executed(change, input);
  const { status } = change;
  if (execution.kind !== 'run') return; // the run that it is a part of tells its own end
  const { ids } = execution;
  if (status === 'RUNNING') {
    await ensureRun(deps, ids, change);
    return;
  }
  const ended = await claimed(deps, { ids, change: { ...change, status }, telling });
  if (ended?.kind === 'claimed') await tell(deps, ended.run, change);
  await endKey(deps, change, input); // what the run asked is closed by now: whoever starts it again asks anew
  if (!ended || ended.kind === 'past') return;
  await givePlace(deps, ended.run);
  await keepEnd(deps, ended.run, change);
}

/** Where the owner has a limit, whoever waits may have the place of a run that has ended. */
async function givePlace({ runs, wake }: Recorder, run: RunRecord): Promise<void> {
  const { owner_id, execution_id, counted = false, queued_at, status } = run;
  if (status === 'RUNNING' || !(counted || queued_at !== undefined)) return;
  if ((await runs.starts.give(owner_id, execution_id)) > 0) await wake();
}

/** An end with its run; nothing for an execution that counts with no run. */
type Ended = Extract<ClaimedEnd, { readonly run: RunRecord }>;

/**
 * Records the end and claims its telling: one request, unless the run is not known yet, or not by this
 * execution. Only one of several invocations tells at a time.
 */
async function claimed(deps: Recorder, { ids, change, telling }: End): Promise<Ended | undefined> {
  const claim = { holder: telling.invocation, now: telling.now, ttl_ms: LEASE_MS };
  const first = await deps.runs.claimEnd(ids.execution_id, change, claim);
  if (first.kind === 'unknown' && !(await ensureRun(deps, ids, change))) return undefined;
  const ended = first.kind === 'unknown' ? await deps.runs.claimEnd(ids.execution_id, change, claim) : first;
  if ('run' in ended) return ended;
  const who = ended.kind === 'held' ? ended.holder : 'nobody';
  throw new StatebagError('Store.Unavailable', `${who} is telling the end of ${ids.execution_id}`);
}

async function inputOf(
  { executions }: Recorder,
  { execution_arn: executionArn }: StatusChange,
): Promise<string> {
  const { input } = await answerOf(executionArn, () => executions.describeExecution({ executionArn }));
  if (input === undefined) throw new StatebagError('Contract.EventRejected', `${executionArn} has no input`);
  return input;
}

/** Whoever started the run may have written it already; events of one execution may come in any order. */
async function ensureRun(
  { runs }: Recorder,
  ids: RunIds,
  { execution_arn, machine_arn, generation, started_at }: StatusChange,
): Promise<boolean> {
  const { execution_id, owner_id, workflow_id, definition_id, idempotency_key } = ids;
  const run = {
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    idempotency_key,
    generation,
    machine_arn,
    started_at,
  } as const;
  const created = await runs.createRun({ ...run, execution_arns: [execution_arn] });
  if (created.created || created.run.execution_arns.includes(execution_arn)) return true;
  if (generation === 'legacy' && isRepeatedStart(created.run)) return false;
  await runs.addExecution(execution_id, execution_arn, started_at);
  return true;
}

/** A first-generation run may be started again under another name: only one that failed goes on by that. */
function isRepeatedStart({ status }: RunRecord): boolean {
  return status === 'RUNNING' || status === 'SUCCEEDED';
}

interface End {
  readonly ids: RunIds;
  readonly change: StatusChange & { readonly status: TerminalStatus };
  readonly telling: Telling;
}

/** Told, then marked: a crash in between tells it again. */
async function tell(
  { runs, events }: Recorder,
  run: RunRecord,
  { execution_arn, ended_at, error }: StatusChange,
): Promise<void> {
  const { execution_id, owner_id, workflow_id, definition_id, status } = run;
  // a run that succeeded waits for nobody
  if (status !== 'SUCCEEDED')
    await runs.closeApprovals(execution_id, { reason: `the run ended: ${status}`, at: ended_at });
  const ended = { execution_id, owner_id, workflow_id, definition_id, execution_arn, at: ended_at };
  const event =
    status === 'SUCCEEDED'
      ? ({ event_type: 'COMPLETED', ...ended } as const)
      : ({ event_type: 'FAILED', ...ended, status, error: error ?? null } as const);
  // first-generation machines tell their ends themselves
  if (run.generation === 'v3') await events.put(event);
  await runs.markReported(execution_id, execution_arn);
}
