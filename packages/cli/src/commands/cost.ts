import { existsSync } from 'node:fs';
import { PRICES } from '@statebag/contracts/prices';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import {
  type Amounts,
  amountsOfPlan,
  amountsOfRehearsal,
  type CostResult,
  estimateOf,
  MODES,
  times,
} from '@statebag/cost';
import { rehearse } from '@statebag/cost/rehearse';
import { type PriceList, priceList } from '@statebag/workflow';
import { type OpenOptions, openAppToShow } from '../cloud/open-app.ts';
import { runCost } from '../cost/run-cost.ts';
import { EXIT, UsageError } from '../exit.ts';
import { recordOf } from '../fork/fork-run.ts';
import { commandLine } from '../render/command-line.ts';
import { costText, runCostText } from '../render/cost-text.ts';
import { checkedInput } from '../run/checked-input.ts';
import { readText } from '../run/load-files.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

export interface CostOptions extends OpenOptions {
  readonly config?: string;
  readonly input?: string;
  readonly recorded?: string;
  readonly runs: string;
  readonly json?: boolean;
}

/**
 * `statebag cost`: what a run takes and what that costs, or what one did take. Nothing outside is called.
 */
export async function cost(path: string, options: CostOptions): Promise<number> {
  const { input, recorded, runs, config, localConfig, json = false } = options;
  const prices = priceList(localConfig?.prices);
  if (!isFile(path)) return costOfRun(path, { ...options, prices });
  const count = Number(runs);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--runs ${runs}: not a whole number above 0`);
  const compiled = await loadWorkflow(path, config);
  const columns =
    input === undefined
      ? MODES.map((mode) => [mode, amountsOfPlan(compiled, mode, prices)] as const)
      : [['run', await amountsWith(compiled, { input, recorded, prices })] as const];
  const estimates = columns.map(([name, amounts]) => [name, estimateOf(times(amounts, count))] as const);
  const result: CostResult = {
    prices_read: PRICES.read,
    runs: count,
    estimates: Object.fromEntries(estimates),
  };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : costText(compiled.manifest.name, result));
  return EXIT.succeeded;
}

/** A workflow lies in a file; what is none is looked for among the runs. */
function isFile(path: string): boolean {
  return path === '-' || existsSync(path) || /[/\\]|\.(?:json|ya?ml)$/.test(path);
}

async function costOfRun(
  run: string,
  {
    dataDir,
    input,
    recorded,
    prices,
    localConfig,
    json = false,
  }: CostOptions & { readonly prices: PriceList },
): Promise<number> {
  const [given] = Object.entries({ input, recorded }).filter(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(
      `--${given[0]} belongs to a workflow, and ${run} is no file\n  mend: leave it out for a run, or correct the path`,
    );
  const app = await openAppToShow({ dataDir });
  try {
    const record = await recordOf(app, run, dataDir);
    if (record.status === 'RUNNING')
      throw new UsageError(
        `${run} goes on\n  mend: wait for its end with ${commandLine(['show', run, '--follow'], dataDir)}`,
      );
    const found = await runCost(app, record, { prices, ownersDay: localConfig?.owner_day_limit });
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : runCostText(found));
    return EXIT.succeeded;
  } finally {
    await app.close();
  }
}

async function amountsWith(
  compiled: Parameters<typeof rehearse>[0],
  {
    input,
    recorded,
    prices,
  }: { readonly input: string; readonly recorded: string | undefined; readonly prices: PriceList },
): Promise<Amounts> {
  const history = await loadRecorded(recorded);
  const rehearsal = await rehearse(compiled, await checkedInput(compiled, input), prices);
  if (rehearsal.status !== 'SUCCEEDED')
    throw new UsageError(
      `${input}: the rehearsal ends ${rehearsal.status}: ${rehearsal.error}\n  mend: run it once, or leave --input out for a range`,
    );
  return amountsOfRehearsal(rehearsal, compiled, history);
}

async function loadRecorded(path: string | undefined): Promise<readonly HistoryEntry[]> {
  if (path === undefined) return [];
  const entries: unknown = JSON.parse(await readText(path));
  if (Array.isArray(entries) && entries.every((entry) => typeof entry?.node_id === 'string')) return entries;
  throw new UsageError(`${path}: not a run's history\n  mend: statebag show <run> --history > ${path}`);
}
