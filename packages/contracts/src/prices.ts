/**
 * List prices in US dollars, US East, without free tiers. The one table that every cost is computed from;
 * where each figure comes from stands below and in docs/prices.md.
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
  /**
   * Nano-dollars a token (= dollars a thousand million tokens): whole numbers, so sums do not depend on their
   * order. Longest matching prefix counts.
   */
  models: {
    'gpt-5-pro': { input: 15_000, output: 120_000 },
    'gpt-5-mini': { input: 250, output: 2_000 },
    'gpt-5-nano': { input: 50, output: 400 },
    'gpt-5.1': { input: 1_250, output: 10_000 },
    'gpt-5.4': { input: 2_500, output: 15_000 },
    'gpt-5': { input: 1_250, output: 10_000 },
    'gpt-4o-mini': { input: 150, output: 600 },
    'gpt-4o': { input: 2_500, output: 10_000 },
    'gpt-4.1-nano': { input: 100, output: 400 },
    'gpt-4.1-mini': { input: 400, output: 1_600 },
    'gpt-4.1': { input: 2_000, output: 8_000 },
    'claude-haiku-4-5': { input: 1_000, output: 5_000 },
    'claude-sonnet-4-5': { input: 3_000, output: 15_000 },
    'claude-sonnet-4-6': { input: 3_000, output: 15_000 },
    'claude-opus-4-6': { input: 5_000, output: 25_000 },
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

/** Where a price stands, and where it was read. */
export interface PriceSource {
  /** Whose word counts. */
  readonly page: string;
  /**
   * What was compared with the table in the month of `PRICES.read`; null: nothing could be, so look at the
   * page before relying on it.
   */
  readonly compared: string | null;
}

const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const S3 = 'https://aws.amazon.com/s3/pricing/';
const S3_COMPARED = 'https://c3x.dev/blog/s3-request-fees-explained';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const DYNAMODB_COMPARED = 'https://airbyte.com/data-engineering-resources/dynamodb-pricing';

/** For every price of AWS. */
export const AWS_SOURCES: Readonly<Record<keyof typeof PRICES.aws, PriceSource>> = {
  transition: {
    page: 'https://aws.amazon.com/step-functions/pricing/',
    compared: 'https://aws.amazon.com/step-functions/pricing/',
  },
  lambdaRequest: {
    page: LAMBDA,
    compared: 'https://github.com/api-evangelist/aws-lambda/blob/main/plans/aws-lambda-plans-pricing.yml',
  },
  lambdaGbSecond: { page: LAMBDA, compared: 'https://cloudchipr.com/blog/aws-lambda-pricing' },
  s3Put: { page: S3, compared: S3_COMPARED },
  s3Get: { page: S3, compared: S3_COMPARED },
  dynamoWrite: { page: DYNAMODB, compared: DYNAMODB_COMPARED },
  dynamoRead: { page: DYNAMODB, compared: DYNAMODB_COMPARED },
  customEvent: { page: 'https://aws.amazon.com/eventbridge/pricing/', compared: null },
  durableOperation: {
    page: LAMBDA,
    compared: 'https://github.com/api-evangelist/aws-lambda/blob/main/plans/aws-lambda-plans-pricing.yml',
  },
  durableGbWritten: { page: LAMBDA, compared: null },
};

/** For every model, by how its name begins. */
export const MODEL_SOURCES: Readonly<Record<string, PriceSource>> = {
  gpt: { page: 'https://openai.com/api/pricing/', compared: 'https://deploybase.ai/articles/openai-pricing' },
  claude: {
    page: 'https://docs.anthropic.com/en/docs/about-claude/pricing',
    compared: 'https://deploybase.ai/articles/claude-api-pricing',
  },
  gemini: {
    page: 'https://ai.google.dev/gemini-api/docs/pricing',
    compared: 'https://www.morphllm.com/gemini-api-pricing',
  },
  nova: {
    page: 'https://aws.amazon.com/bedrock/pricing/',
    compared: 'https://pristren.com/blog/amazon-nova-micro-ultra-fast',
  },
};
