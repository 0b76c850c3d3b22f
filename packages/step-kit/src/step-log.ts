import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { BUDGET, isStatebagError, type Usage } from '@statebag/contracts';
import type { StepLine } from './step-line.ts';

/** Everything that is ever logged besides the step line. */
export type LogEvent =
  | { readonly event: 'step_failed'; readonly execution_id: string; readonly error: string; readonly in_catalogue: boolean }
  | { readonly event: 'bag_near_budget'; readonly execution_id: string; readonly bag_bytes: number; readonly budget: number }
  /** Nobody waits for the answer of a task any more. */
  | { readonly event: 'task_token_gone'; readonly execution_id: string; readonly ledger_key: string; readonly at: 'begin' | 'beat' | 'answer' }
  | { readonly event: 'lease_lost'; readonly execution_id: string; readonly ledger_key: string }
  /** A beat or a renewal could not be sent; the next one may. */
  | { readonly event: 'beat_failed'; readonly execution_id: string; readonly ledger_key: string; readonly error: string }
  /** A model answered and the run uses another worker's answer to the same question. */
  | { readonly event: 'answer_not_used'; readonly execution_id: string; readonly ledger_key: string; readonly usage: Usage };

/** Where steps report what they did. */
export interface StepLog {
  event(level: 'info' | 'warn' | 'error', event: LogEvent): void;
  /** Prints the step line, as CloudWatch embedded metrics. */
  line(line: StepLine): void;
}

type Write = (text: string) => unknown;

/** Logs and metrics by Lambda Powertools. Log level and sampling follow its own environment variables. */
export function powertoolsLog(service: string, write: Write = (text) => process.stderr.write(text)): StepLog {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Statebag', serviceName: service });
  return {
    event: (level, event) => logger[level](event.event, { ...event }),
    line: (line) => write(lineText(metrics, line)),
  };
}

/** Metrics and line as one document. On stderr, which CloudWatch reads like stdout, so that `invoke local` prints nothing but the reply. */
function lineText(metrics: Metrics, line: StepLine): string {
  metrics.addMetric('BagBytes', MetricUnit.Bytes, line.bag_bytes);
  metrics.addMetric('EventBytes', MetricUnit.Bytes, line.event_bytes);
  metrics.addMetric('HydratedBytes', MetricUnit.Bytes, line.hydrated_bytes);
  metrics.addMetric('S3Puts', MetricUnit.Count, line.s3.puts);
  metrics.addMetric('S3Gets', MetricUnit.Count, line.s3.gets);
  metrics.addMetric('S3DedupeHits', MetricUnit.Count, line.s3.dedupe_hits);
  metrics.addMetric('BagsNearBudget', MetricUnit.Count, isNearBudget(line.bag_bytes) ? 1 : 0);
  const text = `${JSON.stringify({ ...metrics.serializeMetrics(), ...line })}\n`;
  metrics.clearMetrics();
  return text;
}

/** True where a bag is close enough to its budget to be reported. */
export function isNearBudget(bagBytes: number): boolean {
  return bagBytes > BUDGET.bag * BUDGET.warningShare;
}

/** The event of a failure: its name and nothing of its text, which may quote state. */
export function failureEvent(executionId: string, error: Error): LogEvent {
  return { event: 'step_failed', execution_id: executionId, error: error.name, in_catalogue: isStatebagError(error) };
}
