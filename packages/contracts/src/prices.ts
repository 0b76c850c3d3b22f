/**
 * List prices in US dollars, US East, without free tiers. Source: the public price pages of AWS and of the model providers, read 2026-11;
 * check before relying on a figure. The one table that every cost is computed from.
 */
export const PRICES = {
  read: '2026-11',
  aws: {
    /** One state entered, Standard workflows. */
    transition: 25 / 1e6,
    lambdaRequest: 0.2 / 1e6,
    /** arm64, by the millisecond. */
    lambdaGbSecond: 0.000_013_333_4,
    s3Put: 5 / 1e6,
    s3Get: 0.4 / 1e6,
    /** On demand, items up to 1 KB. */
    dynamoWrite: 0.625 / 1e6,
    /** On demand, strongly consistent, items up to 4 KB. */
    dynamoRead: 0.125 / 1e6,
    customEvent: 1 / 1e6,
    /** Lambda durable functions: one step or wait recorded, and a GB of what it recorded. */
    durableOperation: 8 / 1e6,
    durableGbWritten: 0.25,
  },
  /** Nano-dollars a token (= dollars a thousand million tokens): whole numbers, so sums do not depend on their order. Longest matching prefix counts. */
  models: {
    'gpt-5-pro': { input: 15_000, output: 120_000 },
    'gpt-5-mini': { input: 250, output: 2_000 },
    'gpt-5-nano': { input: 50, output: 400 },
    'gpt-5': { input: 1_250, output: 10_000 },
    'gpt-4o-mini': { input: 150, output: 600 },
    'gpt-4o': { input: 2_500, output: 10_000 },
    'gpt-4.1-nano': { input: 100, output: 400 },
    'gpt-4.1-mini': { input: 400, output: 1_600 },
    'gpt-4.1': { input: 2_000, output: 8_000 },
    'claude-haiku-4-5': { input: 1_000, output: 5_000 },
    'claude-sonnet-4-5': { input: 3_000, output: 15_000 },
    'claude-opus-4-5': { input: 5_000, output: 25_000 },
    /** Prompts up to 200,000 tokens. */
    'gemini-2.5-pro': { input: 1_250, output: 10_000 },
    'gemini-2.5-flash-lite': { input: 100, output: 400 },
    'gemini-2.5-flash': { input: 300, output: 2_500 },
    'nova-micro': { input: 35, output: 140 },
    'nova-lite': { input: 60, output: 240 },
    'nova-pro': { input: 800, output: 3_200 },
  },
} as const;
