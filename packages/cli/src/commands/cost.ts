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
import { EXIT, UsageError } from '../exit.ts';
import { costText } from '../render/cost-text.ts';
import { checkedInput } from '../run/checked-input.ts';
import { readText } from '../run/load-files.ts';
import { loadWorkflow } from '../run/load-workflow.ts';

export interface CostOptions {
  readonly input?: string;
  readonly recorded?: string;
  readonly runs: string;
  readonly json?: boolean;
}

/** `statebag cost`: what a run takes and what that costs. Nothing outside is called. */
export async function cost(
  path: string,
  { input, recorded, runs, json = false }: CostOptions,
): Promise<number> {
  const count = Number(runs);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--runs ${runs}: not a whole number above 0`);
  const compiled = await loadWorkflow(path);
  const columns =
    input === undefined
      ? MODES.map((mode) => [mode, amountsOfPlan(compiled, mode)] as const)
      : [['run', await amountsWith(compiled, input, recorded)] as const];
  const estimates = columns.map(([name, amounts]) => [name, estimateOf(times(amounts, count))] as const);
  const result: CostResult = {
    prices_read: PRICES.read,
    runs: count,
    estimates: Object.fromEntries(estimates),
  };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : costText(compiled.manifest.name, result));
  return EXIT.succeeded;
}

async function amountsWith(
  compiled: Parameters<typeof rehearse>[0],
  input: string,
  recorded: string | undefined,
): Promise<Amounts> {
  const history = await loadRecorded(recorded);
  const rehearsal = await rehearse(compiled, await checkedInput(compiled, input));
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
