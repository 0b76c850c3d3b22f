import { traceOfEvents } from '@statebag/runs/trace';
import type { ExecutionDetail, StatePayload } from '../../wire.ts';

type HistoryEvent = Parameters<typeof traceOfEvents>[0][number];

/** A history that was read from a file: `aws stepfunctions get-execution-history > history.json`. */
export interface HistoryFile {
  readonly detail: ExecutionDetail;
  payload(event: number): StatePayload;
}

/** @throws Error saying what the file should be */
export function historyFileOf(name: string, text: string): HistoryFile {
  const events = eventsIn(parsed(name, text)).map(withDate);
  if (events.length === 0) throw new Error(`${name}: there are no events in it`);
  const trace = traceOfEvents(events);
  const at = (id: number | null | undefined) => events.find((event) => event.id === id);
  return {
    detail: {
      arn: `file:${name}`,
      name,
      status: trace.end?.status ?? 'RUNNING',
      started_at: (events[0]?.timestamp ?? new Date(0)).toISOString(),
      ended_at: trace.end?.at ?? null,
      machine_arn: '',
      definition: null,
      trace,
    },
    payload(event) {
      const exit = trace.states.find((state) => state.event === event)?.exit_event;
      return {
        input: at(event)?.stateEnteredEventDetails?.input ?? null,
        output: at(exit)?.stateExitedEventDetails?.output ?? null,
      };
    },
  };
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** The answer of GetExecutionHistory, its events alone, or a file that keeps it among other things. */
function eventsIn(value: unknown): HistoryEvent[] {
  const found = Array.isArray(value) ? value : (Object(value).events ?? Object(Object(value).history).events);
  if (!Array.isArray(found))
    throw new Error(
      'the file has no events: save the answer of aws stepfunctions get-execution-history in it',
    );
  // what else is in it is not looked at
  return found as HistoryEvent[];
}

/** The command line of AWS writes times as texts, some tools as seconds. */
function withDate(event: HistoryEvent): HistoryEvent {
  const { timestamp }: { readonly timestamp?: unknown } = event;
  const time = typeof timestamp === 'number' ? timestamp * (timestamp < 1e11 ? 1_000 : 1) : String(timestamp);
  const date = new Date(time);
  return { ...event, timestamp: Number.isNaN(date.getTime()) ? new Date(0) : date };
}
