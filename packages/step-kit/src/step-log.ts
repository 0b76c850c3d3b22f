import { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { isStatebagError } from '@statebag/contracts';
import type { Usage } from '@statebag/contracts/schemas/history';
import type { StepLine } from './step-line.ts';
import { addStepMetrics, openMetrics } from './step-metrics.ts';

/** Everything that is ever logged besides the step line. */
export type LogEvent =
  | {
      readonly event: 'step_failed';
      readonly execution_id: string | null;
      readonly error: string;
      readonly in_catalogue: boolean;
    }
  | {
      readonly event: 'bag_near_budget';
      readonly execution_id: string | null;
      readonly bag_bytes: number;
      readonly budget: number;
    }
  /** Nobody waits for the answer of a task any more. */
  | {
      readonly event: 'task_token_gone';
      readonly execution_id: string;
      readonly ledger_key: string;
      readonly at: 'begin' | 'beat' | 'answer';
    }
  | { readonly event: 'lease_lost'; readonly execution_id: string; readonly ledger_key: string }
  /** A beat or a renewal could not be sent; the next one may. */
  | {
      readonly event: 'beat_failed';
      readonly execution_id: string;
      readonly ledger_key: string;
      readonly error: string;
    }
  /** A model answered and the run uses another worker's answer to the same question. */
  | {
      readonly event: 'answer_not_used';
      readonly execution_id: string;
      readonly ledger_key: string;
      readonly usage: Usage;
    };

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
  const metrics = openMetrics(service);
  return {
    event: (level, event) => logger[level](event.event, { ...event }),
    line: (line) => write(lineText(metrics, line)),
  };
}

/**
 * Metrics and line as one document. On stderr, which CloudWatch reads like stdout, so that `invoke local`
 * prints nothing but the reply.
 */
function lineText(metrics: Metrics, line: StepLine): string {
  addStepMetrics(metrics, line);
  const text = `${JSON.stringify({ ...metrics.serializeMetrics(), ...line })}\n`;
  metrics.clearMetrics();
  return text;
}

/** The event of a failure: its name and nothing of its text, which may quote state. */
export function failureEvent(executionId: string | null, error: Error): LogEvent {
  return {
    event: 'step_failed',
    execution_id: executionId,
    error: error.name,
    in_catalogue: isStatebagError(error),
  };
}
