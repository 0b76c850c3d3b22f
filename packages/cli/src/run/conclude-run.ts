import type { DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { causeText, type ExecutionId, type JsonObject, type StateBag } from '@statebag/contracts';
import { NO_USAGE } from '@statebag/state-core';
import { LOCAL_APP } from '../cloud/local-app.ts';
import type { OpenApp } from '../cloud/open-app.ts';
import type { RunFacts } from './facts.ts';
import { lastBag, readOutput } from './read-state.ts';
import { readStepLines } from './read-step-lines.ts';
import { type Report, reportOf } from './report.ts';
import { runStatus } from './run-status.ts';

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
  readonly report: Report;
}

/** What became of a finished execution: output or error, and what it took with all it started. */
export async function concludeRun(app: OpenApp, described: DescribeExecutionCommandOutput, facts: RunFacts): Promise<RunResult> {
  const { executionArn = '', name = '', status = 'FAILED', startDate, stopDate } = described;
  const bag = lastBag(facts.lastEnvelope);
  const execution_id = bag?.execution_id ?? (name as ExecutionId); // the name was the id when the run was started
  const lines = await readStepLines(app.logs, LOCAL_APP.logGroups, execution_id);
  const durationMs = (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0);
  return {
    execution_id,
    execution_arn: executionArn,
    status: runStatus(described),
    output: status === 'SUCCEEDED' && bag ? await readOutput(app.s3, bag) : null,
    error: status === 'SUCCEEDED' ? null : errorOf(described, bag),
    report: reportOf({ facts, lines, usage: bag?.usage ?? NO_USAGE, durationMs }),
  };
}

function errorOf({ status, error, cause }: DescribeExecutionCommandOutput, bag: StateBag | undefined): RunError {
  const failure = bag?.next_action === 'FAILED' ? bag.failed_segments?.[0] : undefined;
  return { name: error ?? status ?? 'FAILED', message: causeText(cause ?? ''), node_id: failure?.node_id ?? null };
}
