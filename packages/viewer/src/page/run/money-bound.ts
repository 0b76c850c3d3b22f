import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

const NANO = 1e9;

/** The most that models may cost in a run, in billionths of a dollar; null where its workflow says nothing. */
export function moneyBound({ options }: JsonObject): number | null {
  if (!isJsonObject(options ?? null)) return null;
  const { max_cost_usd, budget } = options as JsonObject; // it was looked at
  const shared = isJsonObject(budget ?? null) ? (budget as JsonObject)['max_cost_usd'] : undefined;
  const limits = [max_cost_usd, shared].filter(isAmount);
  return limits.length === 0 ? null : Math.round(Math.min(...limits) * NANO);
}

function isAmount(value: Json | undefined): value is number {
  return typeof value === 'number';
}
