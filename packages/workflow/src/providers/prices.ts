import { PRICES } from '@statebag/contracts';

/** Nano-dollars a token. */
interface Price {
  readonly input: number;
  readonly output: number;
}

const MODELS: Readonly<Record<string, Price>> = PRICES.models;
const BY_LENGTH = Object.keys(MODELS).sort((left, right) => right.length - left.length);

/** Bedrock's names: a region or `global` where a profile is asked, the maker, the model as elsewhere. */
const ON_BEDROCK = /^(?:[a-z-]+\.)?(?:anthropic|amazon)\./;

/** What an answer cost, in billionths of a dollar. A model that is not listed is counted in tokens and costs 0. */
export function costOf(model: string, tokens: { readonly input_tokens: number; readonly output_tokens: number }): number {
  const name = model.replace(ON_BEDROCK, '');
  const listed = BY_LENGTH.find((prefix) => name === prefix || name.startsWith(`${prefix}-`));
  const price = listed === undefined ? undefined : MODELS[listed];
  return price ? tokens.input_tokens * price.input + tokens.output_tokens * price.output : 0;
}
