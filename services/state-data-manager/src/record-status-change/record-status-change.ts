import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { StatebagError } from '@statebag/contracts';
import { answerOf, type LifecycleEvents, type RunRecord, type Runs, type TerminalStatus } from '@statebag/runs';
import { endKey } from './end-key.ts';
import { keepEnd, keepPart } from './keep-end.ts';
import { executed, type RunIds, type StatusChange } from './status-change.ts';

export interface RecorderDeps {
  readonly runs: Runs;
  readonly sfn: SFNClient;
  readonly events: LifecycleEvents;
}

/** One try of telling an end: the same one when Lambda repeats it. */
export interface Telling {
  readonly invocation: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Far longer than telling takes, and shorter than Lambda waits before it tries again. */
const LEASE_MS = 45_000;

/** Keeps the record of a run in step with its execution. An end is told once, however often the service reports it. */
export async function recordStatusChange(deps: RecorderDeps, change: StatusChange, telling: Telling): Promise<void> {
  const input = change.input ?? (await inputOf(deps, change));
  const execution = executed(change, input);
  const { status } = change;
  if (execution.kind === 'other') return;
  const { kind, ids } = execution;
  const isRun = kind === 'run' && (await ensureRun(deps, ids, change));
  if (status === 'RUNNING') return;
  if (kind === 'part') return keepPart(deps, ids, change); // it tells nothing: its run does
  if (isRun) await recordEnd(deps, { ids, change: { ...change, status }, telling });
  await endKey(deps, change, input); // what the run asked is closed by now: whoever starts it again asks anew
  if (isRun) await keepEnd(deps, ids, change);
}

async function recordEnd(deps: RecorderDeps, end: End): Promise<void> {
  await deps.runs.finishRun(end.ids.execution_id, end.change);
  await tellOnce(deps, end);
}

async function inputOf({ sfn }: RecorderDeps, { execution_arn: executionArn }: StatusChange): Promise<string> {
  const { input } = await answerOf(executionArn, () => sfn.send(new DescribeExecutionCommand({ executionArn })));
  if (input === undefined) throw new StatebagError('Contract.EventRejected', `${executionArn} has no input`);
  return input;
}

/** Whoever started the run may have written it already; events of one execution may come in any order. */
async function ensureRun({ runs }: RecorderDeps, ids: RunIds, { execution_arn, machine_arn, generation, started_at }: StatusChange): Promise<boolean> {
  const { execution_id, owner_id, workflow_id, definition_id, idempotency_key } = ids;
  const run = { execution_id, owner_id, workflow_id, definition_id, idempotency_key, generation, machine_arn, started_at } as const;
  const created = await runs.createRun({ ...run, execution_arns: [execution_arn] });
  if (created.created) return true;
  if (generation === 'legacy' && isRepeatedStart(created.run, execution_arn)) return false;
  await runs.addExecution(execution_id, execution_arn, started_at);
  return true;
}

/** A first-generation run may be started again under another name: only one that failed goes on by that. */
function isRepeatedStart({ execution_arns, status }: RunRecord, execution_arn: string): boolean {
  return !execution_arns.includes(execution_arn) && (status === 'RUNNING' || status === 'SUCCEEDED');
}

interface End {
  readonly ids: RunIds;
  readonly change: StatusChange & { readonly status: TerminalStatus };
  readonly telling: Telling;
}

/** Told, then marked: a crash in between tells it again. Only one of several invocations tells at a time. */
async function tellOnce(deps: RecorderDeps, { ids: { execution_id }, change, telling }: End): Promise<void> {
  const { runs } = deps;
  if (isTold(await runs.getRun(execution_id), change)) return;
  const holder = telling.invocation;
  const lease = await runs.acquireLease(execution_id, 'telling', { holder, now: telling.now, ttl_ms: LEASE_MS });
  if (!lease.held) throw new StatebagError('Store.Unavailable', `${lease.holder} is telling the end of ${execution_id}`);
  const run = await runs.getRun(execution_id);
  if (run && !isTold(run, change)) await tell(deps, run, change);
  await runs.releaseLease(execution_id, 'telling', { holder });
}

/** The end of an execution that is not the run's current one was told before the run was resumed. */
function isTold(run: RunRecord | undefined, { execution_arn }: StatusChange): boolean {
  return run === undefined || run.reported || run.execution_arns.at(-1) !== execution_arn;
}

async function tell({ runs, events }: RecorderDeps, run: RunRecord, { execution_arn, ended_at, error }: StatusChange): Promise<void> {
  const { execution_id, owner_id, workflow_id, definition_id, status } = run;
  await runs.closeApprovals(execution_id, { reason: `the run ended: ${status}`, at: ended_at });
  const ended = { execution_id, owner_id, workflow_id, definition_id, execution_arn, at: ended_at };
  const event =
    status === 'SUCCEEDED' ? ({ event_type: 'COMPLETED', ...ended } as const) : ({ event_type: 'FAILED', ...ended, status, error: error ?? null } as const);
  if (run.generation === 'v3') await events.put(event); // first-generation machines tell their ends themselves
  await runs.markReported(execution_id, execution_arn);
}
