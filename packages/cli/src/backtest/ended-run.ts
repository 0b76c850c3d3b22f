import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { CallPage } from '@statebag/contracts/schemas/api';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import type { SeenRun } from '@statebag/rollout';
import { seenRun } from '@statebag/rollout/replay';
import type { RunRecord } from '@statebag/runs';
import { factsOf } from '@statebag/runs/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { callApi } from '../cloud/call-api.ts';
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

/** Calls that a run made itself, and that were answered. */
export interface OwnCalls {
  readonly usage: Usage;
  readonly nodes: ReadonlySet<string>;
}

export async function ownCallsOf(app: OpenApp, runs: readonly string[]): Promise<OwnCalls> {
  let usage = NO_USAGE;
  const nodes = new Set<string>();
  for (const run of runs) {
    let next: string | null = null;
    do {
      const query: string = next === null ? '' : `?next=${encodeURIComponent(next)}`;
      const page: CallPage = await callApi(app, `GET /runs/${encodeURIComponent(run)}/calls${query}`);
      for (const { status, node_id, usage: taken } of page.calls) {
        if (status === 'ANSWERED') nodes.add(node_id);
        if (taken) usage = addUsage(usage, taken);
      }
      next = page.next;
    } while (next !== null);
  }
  return { usage, nodes };
}
