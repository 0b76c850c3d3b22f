import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { APPROVAL_METRICS, openMetrics } from './step-metrics.ts';

/** What a look at the open approvals found. */
export interface OpenApprovals {
  readonly open: number;
  /** How long the oldest one has been waiting; 0 where none is open. */
  readonly oldest_age_seconds: number;
}

type Write = (text: string) => unknown;

/** Counts the open approvals as CloudWatch embedded metrics: `ApprovalsOpen` and `OldestApprovalAge`, which an alarm watches. */
export function reportApprovals(service: string, { open, oldest_age_seconds }: OpenApprovals, write: Write = (text) => process.stderr.write(text)): void {
  const metrics = openMetrics(service);
  metrics.addMetric(APPROVAL_METRICS.open, MetricUnit.Count, open);
  metrics.addMetric(APPROVAL_METRICS.oldest, MetricUnit.Seconds, oldest_age_seconds);
  write(`${JSON.stringify(metrics.serializeMetrics())}\n`);
}
