import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { BUDGET } from '@statebag/contracts/limits';
import type { StepLine } from './step-line.ts';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** Every metric of a step, with what it counts. The dashboard and the alarms know them by these names. */
const STEP_METRICS: Readonly<Record<string, readonly [Unit, (line: StepLine) => number]>> = {
  EventBytes: [MetricUnit.Bytes, ({ event_bytes }) => event_bytes],
  ReplyBytes: [MetricUnit.Bytes, ({ reply_bytes }) => reply_bytes],
  BagBytes: [MetricUnit.Bytes, ({ bag_bytes }) => bag_bytes],
  HydratedBytes: [MetricUnit.Bytes, ({ hydrated_bytes }) => hydrated_bytes],
  OffloadedBytes: [MetricUnit.Bytes, ({ s3 }) => s3.put_bytes],
  S3Puts: [MetricUnit.Count, ({ s3 }) => s3.puts],
  S3Gets: [MetricUnit.Count, ({ s3 }) => s3.gets],
  S3DedupeHits: [MetricUnit.Count, ({ s3 }) => s3.dedupe_hits],
  CacheHits: [MetricUnit.Count, ({ s3 }) => s3.cache_hits],
  UnverifiedReads: [MetricUnit.Count, ({ s3 }) => s3.unverified],
  Retries: [MetricUnit.Count, ({ retries }) => retries],
  BagsNearBudget: [MetricUnit.Count, ({ bag_bytes }) => (isNearBudget(bag_bytes) ? 1 : 0)],
  StepErrors: [MetricUnit.Count, ({ outcome }) => (outcome === 'ok' ? 0 : 1)],
  StoreErrors: [MetricUnit.Count, ({ outcome }) => (outcome.startsWith('Store.') ? 1 : 0)],
  LedgerHits: [MetricUnit.Count, ({ ledger }) => ledger.hits],
  LlmCalls: [MetricUnit.Count, ({ llm }) => llm.llm_calls],
  LlmInputTokens: [MetricUnit.Count, ({ llm }) => llm.input_tokens],
  LlmOutputTokens: [MetricUnit.Count, ({ llm }) => llm.output_tokens],
  LlmCostMicroUsd: [MetricUnit.Count, ({ llm }) => llm.cost_nano_usd / 1_000],
};

/** What a look at open approvals counts. */
export const APPROVAL_METRICS = { open: 'ApprovalsOpen', oldest: 'OldestApprovalAge' } as const;

/** What a look at the runs that wait to begin counts. */
export const START_METRICS = { waiting: 'StartsWaiting', oldest: 'OldestStartAge' } as const;

/** Every metric that a function may count. */
export const METRIC_NAMES: readonly string[] = [
  ...Object.keys(STEP_METRICS),
  ...Object.values(APPROVAL_METRICS),
  ...Object.values(START_METRICS),
];

/**
 * Metrics of one service. The namespace tells stages of an account apart; it comes from Powertools' own
 * variable, which an option would overrule.
 */
export function openMetrics(serviceName: string): Metrics {
  return new Metrics({ namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] || 'Statebag', serviceName });
}

/** Counts an invocation. A metric that has nothing to say of it is left out: each one costs. */
export function addStepMetrics(metrics: Metrics, line: StepLine): void {
  for (const [name, [unit, count]] of Object.entries(STEP_METRICS)) {
    const value = count(line);
    if (value !== 0 || ALWAYS.has(name)) metrics.addMetric(name, unit, value);
  }
}

/** What an alarm watches must also be told when all is well. */
const ALWAYS: ReadonlySet<string> = new Set([
  'EventBytes',
  'BagBytes',
  'BagsNearBudget',
  'StepErrors',
  'StoreErrors',
]);

/** True where a bag is close enough to its budget to be reported. */
export function isNearBudget(bagBytes: number): boolean {
  return bagBytes > BUDGET.bag * BUDGET.warningShare;
}

/** What a look at the open approvals found. */
export interface OpenApprovals {
  readonly open: number;
  /** How long the oldest one has been waiting; 0 where none is open. */
  readonly oldest_age_seconds: number;
}

type Write = (text: string) => unknown;

/**
 * Counts the open approvals as CloudWatch embedded metrics: `ApprovalsOpen` and `OldestApprovalAge`, which an
 * alarm watches.
 */
export function reportApprovals(
  service: string,
  { open, oldest_age_seconds }: OpenApprovals,
  write: Write = (text) => process.stderr.write(text),
): void {
  const metrics = openMetrics(service);
  metrics.addMetric(APPROVAL_METRICS.open, MetricUnit.Count, open);
  metrics.addMetric(APPROVAL_METRICS.oldest, MetricUnit.Seconds, oldest_age_seconds);
  write(`${JSON.stringify(metrics.serializeMetrics())}\n`);
}

/** What a look at the runs that wait to begin found. */
export interface WaitingStarts {
  readonly waiting: number;
  /** How long the oldest one has been waiting; 0 where none is. */
  readonly oldest_age_seconds: number;
}

/**
 * Counts the runs that wait to begin as CloudWatch embedded metrics: `StartsWaiting` and `OldestStartAge`,
 * which an alarm watches.
 */
export function reportStarts(
  service: string,
  { waiting, oldest_age_seconds }: WaitingStarts,
  write: Write = (text) => process.stderr.write(text),
): void {
  const metrics = openMetrics(service);
  metrics.addMetric(START_METRICS.waiting, MetricUnit.Count, waiting);
  metrics.addMetric(START_METRICS.oldest, MetricUnit.Seconds, oldest_age_seconds);
  write(`${JSON.stringify(metrics.serializeMetrics())}\n`);
}
