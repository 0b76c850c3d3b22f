import { PRICES } from '@statebag/contracts/prices';

/** Nano-dollars a token. */
interface Price {
  readonly input: number;
  readonly output: number;
}

/** Prices of a deployment's own: dollars a million tokens, by how the names of models begin. */
export type OwnPrices = Readonly<Record<string, Price>>;

interface Tokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
}

/** What answers of models cost. */
export interface PriceList {
  /**
   * What an answer cost, in billionths of a dollar. A model that is not listed is counted in tokens and costs
   * 0.
   */
  costOf(model: string, tokens: Tokens): number;
  /** Whether answers of a model have a price. */
  isPriced(model: string): boolean;
}

/** Bedrock's names: a region or `global` where a profile is asked, the maker, the model as elsewhere. */
const ON_BEDROCK = /^(?:[a-z-]+\.)?(?:anthropic|amazon)\./;
/** A dollar a million tokens is so many billionths of a dollar a token. */
const NANO_A_TOKEN = 1_000;

/** The prices of `PRICES`, with others in the place of some of them and beside them. */
export function priceList(own: OwnPrices = {}): PriceList {
  const others = Object.entries(own).map(([model, { input, output }]) => [
    model,
    { input: Math.round(input * NANO_A_TOKEN), output: Math.round(output * NANO_A_TOKEN) },
  ]);
  const models: Readonly<Record<string, Price>> = { ...PRICES.models, ...Object.fromEntries(others) };
  const byLength = Object.keys(models).sort((left, right) => right.length - left.length);
  const priceOf = (model: string): Price | undefined => {
    const names = [model, model.replace(ON_BEDROCK, '')];
    const listed = byLength.find((prefix) =>
      names.some((name) => name === prefix || name.startsWith(`${prefix}-`)),
    );
    return listed === undefined ? undefined : models[listed];
  };
  return {
    costOf(model, { input_tokens, output_tokens }) {
      const price = priceOf(model);
      return price ? input_tokens * price.input + output_tokens * price.output : 0;
    },
    isPriced: (model) => priceOf(model) !== undefined,
  };
}

/** As they stand in docs/prices.md. */
export const LIST_PRICES = priceList();
