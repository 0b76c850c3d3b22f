import { PRICES } from '@statebag/contracts/prices';

/** What is paid for, counted. */
export interface Amounts {
  readonly transitions: number;
  readonly lambda_requests: number;
  readonly lambda_gb_seconds: number;
  readonly s3_puts: number;
  readonly s3_gets: number;
  readonly dynamodb_writes: number;
  readonly dynamodb_reads: number;
  readonly events: number;
  readonly llm_calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Billionths of a dollar. */
  readonly tokens_nano_usd: number;
}

/** Dollars by service. */
export interface Dollars {
  readonly step_functions: number;
  readonly lambda: number;
  readonly s3: number;
  readonly dynamodb: number;
  readonly events: number;
  readonly tokens: number;
  readonly total: number;
}

export const NOTHING: Amounts = {
  transitions: 0,
  lambda_requests: 0,
  lambda_gb_seconds: 0,
  s3_puts: 0,
  s3_gets: 0,
  dynamodb_writes: 0,
  dynamodb_reads: 0,
  events: 0,
  llm_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  tokens_nano_usd: 0,
};

type Name = keyof Amounts;
const NAMES = Object.keys(NOTHING) as Name[]; // an object literal has the keys of its type

export function sum(all: readonly Amounts[]): Amounts {
  return combined((name) => all.reduce((total, each) => total + each[name], 0));
}

export function times(amounts: Amounts, factor: number): Amounts {
  return combined((name) => amounts[name] * factor);
}

function combined(pick: (name: Name) => number): Amounts {
  // every name is there
  return Object.fromEntries(NAMES.map((name) => [name, pick(name)])) as Record<Name, number>;
}

/** What amounts cost by the price table. */
export function priced(amounts: Amounts): Dollars {
  const { aws } = PRICES;
  const parts = {
    step_functions: amounts.transitions * aws.transition,
    lambda: amounts.lambda_requests * aws.lambdaRequest + amounts.lambda_gb_seconds * aws.lambdaGbSecond,
    s3: amounts.s3_puts * aws.s3Put + amounts.s3_gets * aws.s3Get,
    dynamodb: amounts.dynamodb_writes * aws.dynamoWrite + amounts.dynamodb_reads * aws.dynamoRead,
    events: amounts.events * aws.customEvent,
    tokens: amounts.tokens_nano_usd / 1e9,
  };
  return { ...parts, total: Object.values(parts).reduce((total, part) => total + part, 0) };
}

/** Amounts and dollars of `runs` runs. */
export interface Estimate {
  readonly amounts: Amounts;
  readonly usd: Dollars;
}

/** The one JSON object of `cost --json`. */
export interface CostResult {
  readonly prices_read: string;
  readonly runs: number;
  /** With an input one column, without one a range. */
  readonly estimates: Readonly<Record<string, Estimate>>;
}

export function estimateOf(amounts: Amounts): Estimate {
  return { amounts, usd: priced(amounts) };
}
