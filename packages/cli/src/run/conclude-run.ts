import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { readStepLines } from '@statebag/cost';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { RunFacts } from '@statebag/runs/history';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { OpenApp } from '../cloud/open-app.ts';
import { lastBag, readOutput, sessionFor } from './read-state.ts';
import { type Report, reportOf } from './report.ts';

export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly node_id: string | null;
}

/** The one JSON object of `run --json`. */
export interface RunResult {
  readonly execution_id: ExecutionId;
  readonly execution_arn: string;
  readonly status: string;
  readonly output: JsonObject | null;
  readonly error: RunError | null;
  /** Everything that failed, also what the run went on without: segments, branches, items of lists. */
  readonly failures: readonly FailedSegment[];
  readonly report: Report;
}

/** What became of a finished execution: output or error, and what it took with all it started. */
export async function concludeRun(
  app: OpenApp,
  described: DescribeExecutionCommandOutput,
  facts: RunFacts,
): Promise<RunResult> {
  const { executionArn = '', name = '', status = 'FAILED', startDate, stopDate } = described;
  const bag = lastBag(facts.lastEnvelope);
  // the name was the id when the run was started
  const execution_id = bag?.execution_id ?? (name as ExecutionId);
  const lines = await readStepLines(app.logs, LOCAL_APP.logGroups, execution_id);
  const until = stopDate?.getTime() ?? Date.now(); // so far, where it has not ended
  const durationMs = Math.max(0, until - (startDate?.getTime() ?? until));
  return {
    execution_id,
    execution_arn: executionArn,
    status: runStatus(described),
    output: status === 'SUCCEEDED' && bag ? await readOutput(app.s3, bag) : null,
    error: status === 'SUCCEEDED' ? null : errorOf(described, bag),
    failures: bag === undefined ? [] : await failuresOf(app, bag),
    report: reportOf({ facts, lines, usage: bag?.usage ?? NO_USAGE, durationMs }),
  };
}

/** Everything that failed: the bag holds the first five, and where the others lie. */
async function failuresOf({ s3 }: OpenApp, bag: StateBag): Promise<readonly FailedSegment[]> {
  const { failed_segments = [], failed_segments_s3_path } = bag;
  if (failed_segments_s3_path === undefined) return failed_segments;
  const all = await sessionFor(s3, bag).hydrator.pointed(failed_segments_s3_path);
  return all as unknown as FailedSegment[]; // its hash was checked: it is what the sync core wrote
}

function errorOf(
  { status, error, cause }: DescribeExecutionCommandOutput,
  bag: StateBag | undefined,
): RunError {
  const failure = bag?.next_action === 'FAILED' ? bag.failed_segments?.[0] : undefined;
  return {
    name: error ?? status ?? 'FAILED',
    message: causeText(cause ?? ''),
    node_id: failure?.node_id ?? null,
  };
}

/**
 * How a run stands, in the API's words: what the service calls aborted was cancelled where somebody wanted it
 * so.
 */
function runStatus({
  status = 'FAILED',
  error,
}: {
  readonly status?: string | undefined;
  readonly error?: string | undefined;
}): string {
  return status === 'ABORTED' && error === 'Run.Cancelled' ? 'CANCELLED' : status;
}
