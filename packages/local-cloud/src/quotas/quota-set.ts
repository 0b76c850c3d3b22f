import { readFileSync } from 'node:fs';
import type { Rate } from './bucket.ts';

/** What an account may do, by the names that a file of quotas uses. */
export interface QuotaSet {
  /** Functions at work at the same time. */
  readonly concurrency: number;
  /** Standard executions that are running. */
  readonly openExecutions: number;
  readonly rates: Readonly<Record<string, Rate>>;
}

/** What is counted and comes back only when it ends, by its name in a file. */
const COUNTS = { 'lambda.concurrency': 'concurrency', 'states.open_executions': 'openExecutions' } as const;
type CountName = keyof typeof COUNTS;

/** Functions at work at the same time, in an account that is used. */
export const USUAL_CONCURRENCY = 1_000;
const rate = (bucket: number, per_second = bucket): Rate => ({ bucket, per_second });

/**
 * Defaults in us-east-1. Sources, read 2026-11: "Service quotas" of the Step Functions developer guide,
 * "Lambda quotas" and "Lambda scaling behavior", "Optimizing Amazon S3 performance", "Service quotas" and
 * "Partition key design" of the DynamoDB developer guide, "EventBridge quotas", "Quotas for HTTP APIs",
 * "Systems Manager endpoints and quotas", "Amazon SQS message quotas".
 */
const US_EAST_1: QuotaSet = {
  concurrency: USUAL_CONCURRENCY,
  openExecutions: 1_000_000,
  rates: {
    'states.transitions': rate(5_000),
    'states.StartExecution': rate(1_300, 300),
    'states.StartExecution.express': rate(6_000),
    'states.RedriveExecution': rate(1_300, 300),
    'states.StopExecution': rate(1_000, 200),
    'states.DescribeExecution': rate(300, 15),
    'states.GetExecutionHistory': rate(400, 20),
    'states.ListExecutions': rate(200, 5),
    'states.DescribeStateMachine': rate(200, 20),
    'states.DescribeStateMachineAlias': rate(200, 1),
    'states.DescribeMapRun': rate(200, 1),
    'states.GetActivityTask': rate(3_000, 500),
    'states.SendTaskSuccess': rate(3_000, 500),
    'states.SendTaskFailure': rate(3_000, 500),
    'states.SendTaskHeartbeat': rate(3_000, 500),
    'lambda.new_environments': rate(1_000, 100),
    's3.writes': rate(3_500),
    's3.reads': rate(5_500),
    'dynamodb.table_writes': rate(40_000),
    'dynamodb.table_reads': rate(40_000),
    'dynamodb.partition_writes': rate(1_000),
    'dynamodb.partition_reads': rate(3_000),
    'events.PutEvents': rate(10_000),
    'events.invocations': rate(18_750),
    'http.requests': rate(5_000, 10_000),
    'ssm.reads': rate(40),
    'sqs.fifo': rate(300),
  },
};

/** An account that nobody has used yet, and a table on demand as it begins and as it grows. */
const FRESH_ACCOUNT: QuotaSet = {
  ...US_EAST_1,
  concurrency: 10,
  rates: {
    ...US_EAST_1.rates,
    'dynamodb.table_writes': { ...rate(4_000), doubles_to: 40_000 },
    'dynamodb.table_reads': { ...rate(12_000), doubles_to: 40_000 },
  },
};

const SETS: Readonly<Record<string, QuotaSet>> = { 'us-east-1': US_EAST_1, 'fresh-account': FRESH_ACCOUNT };

/** A file of quotas says something that is none. */
export class QuotasInvalid extends Error {
  override readonly name = 'LocalCloud.QuotasInvalid';
}

/**
 * A set by its name, or from a file that says what differs from one:
 * `{ "base": "us-east-1", "lambda.concurrency": 5000, "states.StartExecution": { "bucket": 2000, "per_second": 2000 } }`.
 * @throws QuotasInvalid
 */
export function readQuotas(nameOrFile: string): QuotaSet {
  return SETS[nameOrFile] ?? quotasOf(parsed(nameOrFile), nameOrFile);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const names = Object.keys(SETS).join(', ');
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new QuotasInvalid(`${file}: ${why}\n  mend: give ${names} or a JSON file (docs/scale.md)`, {
      cause,
    });
  }
}

function quotasOf(content: unknown, file: string): QuotaSet {
  const { base = 'us-east-1', ...given } = Object(content) as Record<string, unknown>; // each is checked below
  const set = SETS[String(base)];
  if (set === undefined) throw invalid(file, 'base', `one of ${Object.keys(SETS).join(', ')}`);
  const counts: Partial<Record<(typeof COUNTS)[CountName], number>> = {};
  const rates: Record<string, Rate> = { ...set.rates };
  for (const [name, value] of Object.entries(given)) {
    if (isCountName(name)) {
      if (!isCount(value)) throw invalid(file, name, 'a number from 1');
      counts[COUNTS[name]] = value;
      continue;
    }
    if (!Object.hasOwn(US_EAST_1.rates, name) && !/^states\.[A-Z]\w+$/.test(name))
      throw invalid(file, name, `left out: rates are ${Object.keys(US_EAST_1.rates).join(', ')}`);
    if (!isRate(value)) throw invalid(file, name, '{ "bucket": <from 1>, "per_second": <above 0> }');
    rates[name] = value;
  }
  return { ...set, ...counts, rates };
}

function invalid(file: string, name: string, wanted: string): QuotasInvalid {
  return new QuotasInvalid(`${file}: ${name} has to be ${wanted}\n  mend: correct it`);
}

function isCountName(name: string): name is CountName {
  return Object.hasOwn(COUNTS, name);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 1;
}

function isRate(value: unknown): value is Rate {
  const { bucket, per_second, doubles_to, ...more } = Object(value) as Record<string, unknown>;
  const isPositive = typeof per_second === 'number' && per_second > 0;
  const grows = doubles_to === undefined || (isPositive && Number(doubles_to) >= per_second);
  return isCount(bucket) && isPositive && grows && Object.keys(more).length === 0;
}
