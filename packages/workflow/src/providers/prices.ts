/** Nano-dollars a token (= dollars a thousand million tokens): whole numbers, so sums do not depend on their order. */
interface Price {
  readonly input: number;
  readonly output: number;
}

/**
 * List prices by model, longest matching prefix first. Source: the providers' public price pages, read 2026-11;
 * check before relying on a figure. A model that is not listed is counted in tokens and costs 0.
 */
const PRICES: Readonly<Record<string, Price>> = {
  'gpt-4o-mini': { input: 150, output: 600 },
  'gpt-4o': { input: 2_500, output: 10_000 },
  'gpt-4.1-nano': { input: 100, output: 400 },
  'gpt-4.1-mini': { input: 400, output: 1_600 },
  'gpt-4.1': { input: 2_000, output: 8_000 },
  'claude-haiku-4-5': { input: 1_000, output: 5_000 },
  'claude-sonnet-4-5': { input: 3_000, output: 15_000 },
  'gemini-2.5-flash': { input: 300, output: 2_500 },
};
const BY_LENGTH = Object.keys(PRICES).sort((left, right) => right.length - left.length);

/** What an answer cost, in billionths of a dollar. */
export function costOf(model: string, tokens: { readonly input_tokens: number; readonly output_tokens: number }): number {
  const listed = BY_LENGTH.find((prefix) => model === prefix || model.startsWith(`${prefix}-`));
  const price = listed === undefined ? undefined : PRICES[listed];
  return price ? tokens.input_tokens * price.input + tokens.output_tokens * price.output : 0;
}
