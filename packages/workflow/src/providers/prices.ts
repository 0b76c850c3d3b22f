import { PRICES } from '@statebag/contracts/prices';

/** Nano-dollars a token. */
interface Price {
  readonly input: number;
  readonly output: number;
}

const MODELS: Readonly<Record<string, Price>> = PRICES.models;
const BY_LENGTH = Object.keys(MODELS).sort((left, right) => right.length - left.length);

/** Bedrock's names: a region or `global` where a profile is asked, the maker, the model as elsewhere. */
const ON_BEDROCK = /^(?:[a-z-]+\.)?(?:anthropic|amazon)\./;

/**
 * What an answer cost, in billionths of a dollar. A model that is not listed is counted in tokens and costs
 * 0.
 */
export function costOf(
  model: string,
  tokens: { readonly input_tokens: number; readonly output_tokens: number },
): number {
  const price = priceOf(model);
  return price ? tokens.input_tokens * price.input + tokens.output_tokens * price.output : 0;
}

/** Whether answers of a model have a price. */
export function isPriced(model: string): boolean {
  return priceOf(model) !== undefined;
}

function priceOf(model: string): Price | undefined {
  const name = model.replace(ON_BEDROCK, '');
  const listed = BY_LENGTH.find((prefix) => name === prefix || name.startsWith(`${prefix}-`));
  return listed === undefined ? undefined : MODELS[listed];
}
