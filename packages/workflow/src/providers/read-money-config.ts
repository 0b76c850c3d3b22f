import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import type { SpendLimit } from '@statebag/contracts/schemas/model-call';
import { LIST_PRICES, type OwnPrices, type PriceList, priceList } from './prices.ts';

/** The part of a function's environment that is about what models cost. */
export interface MoneyConfig {
  readonly prices: PriceList;
  /** What all runs of one owner may spend on one day. */
  readonly ownersDay?: SpendLimit;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `MODEL_PRICES` and `OWNER_DAY_LIMIT`, both JSON. @throws `Contract.Misconfigured` naming the variable
 */
export function readMoneyConfig({ MODEL_PRICES, OWNER_DAY_LIMIT }: Environment): MoneyConfig {
  const ownersDay = OWNER_DAY_LIMIT ? limitIn(parsed('OWNER_DAY_LIMIT', OWNER_DAY_LIMIT)) : undefined;
  return {
    prices: MODEL_PRICES ? priceList(pricesIn(parsed('MODEL_PRICES', MODEL_PRICES))) : LIST_PRICES,
    ...(ownersDay && { ownersDay }),
  };
}

function pricesIn(value: JsonObject): OwnPrices {
  for (const [model, price] of Object.entries(value)) {
    const { input, output, ...others }: JsonObject = isJsonObject(price) ? price : {};
    if (!isAmount(input) || !isAmount(output) || Object.keys(others).length > 0)
      throw misconfigured(
        'MODEL_PRICES',
        `needs { "input": dollars, "output": dollars } a million tokens as ${JSON.stringify(model)}`,
      );
  }
  return value as unknown as OwnPrices; // every member was checked
}

function limitIn(value: JsonObject): SpendLimit {
  const { max_cost_usd, max_tokens, ...others } = value;
  const isLimit =
    (max_cost_usd === undefined || isAmount(max_cost_usd)) &&
    (max_tokens === undefined || (Number.isSafeInteger(max_tokens) && Number(max_tokens) > 0)) &&
    (max_cost_usd !== undefined || max_tokens !== undefined);
  if (isLimit && Object.keys(others).length === 0) return value as SpendLimit; // every member was checked
  throw misconfigured('OWNER_DAY_LIMIT', 'is not { "max_cost_usd": dollars, "max_tokens": number }');
}

function isAmount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function parsed(name: string, text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw misconfigured(name, 'is not JSON', cause);
  }
  throw misconfigured(name, 'is not a JSON object');
}

function misconfigured(name: string, problem: string, cause?: unknown): StatebagError {
  return new StatebagError('Contract.Misconfigured', `the environment variable ${name} ${problem}`, {
    cause,
  });
}
