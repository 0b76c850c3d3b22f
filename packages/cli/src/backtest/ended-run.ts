import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import type { SeenRun } from '@statebag/rollout';
import { seenRun } from '@statebag/rollout/replay';
import type { RunRecord } from '@statebag/runs';
import { factsOf } from '@statebag/runs/history';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { OpenApp } from '../cloud/open-app.ts';
import { lastOf } from '../diff/compare-recorded.ts';
import { forkPlace } from '../fork/fork-run.ts';
import { ownCallsOf } from '../run/own-calls.ts';
import { lastBag } from '../run/read-state.ts';

const LOOK_EVERY_MS = 100;

/** Waits for the end of the last execution, without reading what happens meanwhile. */
export async function untilEnded(
  { sfn }: OpenApp,
  executionArns: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: executionArns.at(-1) }));
    if (status !== 'RUNNING') return;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** A run that has ended, and what it took. */
export interface EndedRun {
  readonly seen: SeenRun;
  readonly usage: Usage;
  readonly history: readonly HistoryEntry[];
}

export async function endOf(app: OpenApp, run: RunRecord): Promise<EndedRun> {
  const seen = await seenRun(forkPlace(app), lastOf(run));
  const { facts } = await factsOf(app.sfn, run.execution_arns);
  const usage = lastBag(facts.lastEnvelope)?.usage ?? NO_USAGE;
  return { seen, usage, history: seen.history };
}

/**
 * Nodes whose calls were not made because the budget of the backtest, or the day of the owner, did not allow
 * it: also where the run went on without an answer. Undefined where there are none. Limits of the workflow
 * are its own affair.
 */
export async function ranOutAt(
  app: OpenApp,
  { execution_id }: RunRecord,
  { seen }: EndedRun,
  backtest: string,
): Promise<readonly string[] | undefined> {
  const { failures } = await ownCallsOf(app, [execution_id]);
  const isOurs = ({ name, message }: { readonly name: string; readonly message: string }) =>
    name === 'Run.CostExceeded' &&
    (message.includes(`the budget ${backtest}:`) || /the day [\d-]+ of the owner:/.test(message));
  const nodes = failures.filter(isOurs).map(({ node_id }) => node_id);
  return nodes.length > 0 || (seen.error && isOurs(seen.error)) ? nodes : undefined;
}
