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
import { failuresOf } from '../run/conclude-run.ts';
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
  /** A call of it was not made, because the budget of the backtest did not allow it. */
  readonly ranOut: boolean;
}

export async function endOf(app: OpenApp, run: RunRecord, backtest: string): Promise<EndedRun> {
  const seen = await seenRun(forkPlace(app), lastOf(run));
  const { facts } = await factsOf(app.sfn, run.execution_arns);
  const bag = lastBag(facts.lastEnvelope);
  const failures = bag === undefined ? [] : await failuresOf(app, bag);
  const met = [...failures.map(({ error, message }) => ({ name: error, message })), seen.error];
  return {
    seen,
    usage: bag?.usage ?? NO_USAGE,
    history: seen.history,
    ranOut: met.some(
      (each) => each?.name === 'Run.CostExceeded' && each.message.includes(`the budget ${backtest}:`),
    ),
  };
}
