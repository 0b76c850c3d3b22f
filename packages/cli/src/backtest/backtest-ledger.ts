import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type ExecutionId, isId } from '@statebag/contracts/ids';
import type { Outcome } from '@statebag/rollout/backtest';
import type { Workflow } from '@statebag/workflow';
import { UsageError } from '../exit.ts';
import { commandLine } from '../render/command-line.ts';

/** Who says whether a difference is one for the better. */
export type JudgePlan =
  | { readonly by: 'expression'; readonly text: string }
  | { readonly by: 'node'; readonly workflow: Workflow; readonly node: string; readonly field: string };

/** What a backtest tries: written once, before anything begins. */
export interface BacktestPlan {
  readonly schema_version: 1;
  readonly id: string;
  readonly created_at: string;
  /** The file that the workflow stood in; what counts is the workflow as it was then. */
  readonly file: string;
  readonly workflow: Workflow;
  readonly fields: 'all' | readonly string[];
  readonly runs: readonly ExecutionId[];
  readonly judge: JudgePlan | null;
}

/** A fork that was begun, or is about to be: of the run, or of an attempt that ran out of money. */
export interface Begun {
  readonly run: ExecutionId;
  readonly parent: ExecutionId;
  readonly fork: ExecutionId;
  readonly mark: string;
  readonly max_cost_usd: number | null;
  /** The node that it begins with at the latest: where an attempt before it ran out of money. */
  readonly at: string | null;
}

/** Where the first call was not made, because the money did not suffice; null where nothing says it. */
export interface RanOut {
  readonly at: string | null;
}

/** What happened, in order: nothing is ever taken back. */
type Line =
  | ({ readonly what: 'begun' } & Begun)
  | ({ readonly what: 'out of money'; readonly run: ExecutionId; readonly fork: ExecutionId } & RanOut)
  | { readonly what: 'ended'; readonly outcome: Outcome };

/** The record of a backtest in the data directory, by which it goes on where it was stopped. */
export interface BacktestLedger {
  readonly plan: BacktestPlan;
  /** Outcomes so far, in the order of the plan. */
  outcomes(): readonly Outcome[];
  /** Attempts to try a run, in order. */
  begun(run: ExecutionId): readonly Begun[];
  /** Where the last attempt ended, if it did because the money was spent. */
  ranOut(run: ExecutionId): RanOut | undefined;
  /** On the disk when it returns. */
  add(line: Line): void;
}

const PLAN = 'plan.json';
const LINES = 'lines.jsonl';

function folderOf(dataDir: string, id: string): string {
  return join(dataDir, 'backtests', id);
}

/** Writes down what is to be tried. */
export function beginLedger(dataDir: string, plan: BacktestPlan): BacktestLedger {
  const folder = folderOf(dataDir, plan.id);
  mkdirSync(folder, { recursive: true });
  const written = join(folder, `${PLAN}.new`);
  writeFileSync(written, JSON.stringify(plan), { flush: true });
  renameSync(written, join(folder, PLAN));
  return openLedger(dataDir, plan.id);
}

/** @throws UsageError where the data directory has no such backtest */
export function openLedger(dataDir: string, id: string): BacktestLedger {
  const folder = folderOf(dataDir, id);
  if (!isId(id) || !existsSync(join(folder, PLAN)))
    throw new UsageError(
      `--resume ${id}: no such backtest in ${dataDir}\n  mend: give the id that the backtest printed, or start one with ${commandLine(['backtest', '--workflow', '<file>'], dataDir)}`,
    );
  const plan: BacktestPlan = JSON.parse(readFileSync(join(folder, PLAN), 'utf8')); // beginLedger wrote it
  const path = join(folder, LINES);
  const lines = Map.groupBy(wholeLines(path), runOf);
  const of = (run: ExecutionId): readonly Line[] => lines.get(run) ?? [];
  return {
    plan,
    outcomes: () =>
      plan.runs.flatMap((run) => {
        const last = of(run).findLast((line) => line.what === 'ended');
        return last?.what === 'ended' ? [last.outcome] : [];
      }),
    begun: (run) => of(run).flatMap((line) => (line.what === 'begun' ? [line] : [])),
    ranOut(run) {
      const last = of(run).at(-1);
      return last?.what === 'out of money' ? last : undefined;
    },
    add(line) {
      const file = openSync(path, 'a', 0o600);
      try {
        appendFileSync(file, `${JSON.stringify(line)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      lines.set(runOf(line), [...of(runOf(line)), line]);
    },
  };
}

function runOf(line: Line): ExecutionId {
  return line.what === 'ended' ? line.outcome.run : line.run;
}

/** A line that was being written when its process died is none: it is cut off. */
function wholeLines(path: string): Line[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  if (whole.length < bytes.length) truncateSync(path, whole.length);
  return whole
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line)); // `add` wrote each of them whole
}
