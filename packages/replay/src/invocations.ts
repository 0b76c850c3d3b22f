import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/** The functions whose work is repeated, by the last part of their names. */
const REPEATED = [
  'initializeStateData',
  'stateDataManager',
  'executeSegment',
  'prepareDistributedExecution',
  'processSegmentChunk',
  'aggregateDistributedResults',
] as const;

export type RepeatedFunction = (typeof REPEATED)[number];

/** One call of a function by a state machine that was answered, as the history has it. */
export interface Invocation {
  readonly executionArn: string;
  readonly state: string;
  readonly called: RepeatedFunction | 'asyncLlmHandler';
  readonly event: JsonObject;
  readonly reply: Json;
}

/** What an execution asked of functions. */
export interface AskedOfFunctions {
  readonly invocations: readonly Invocation[];
  /** Calls that failed or timed out: what became of them depends on when they were ended. */
  readonly failed: number;
}

/** Reads from a history which functions were called with what, and what they answered. */
export function invocationsOf(executionArn: string, events: readonly HistoryEvent[]): AskedOfFunctions {
  const byId = new Map(events.map((event) => [event.id, event]));
  const before = function* (event: HistoryEvent): Generator<HistoryEvent> {
    for (let at = byId.get(event.previousEventId); at; at = byId.get(at.previousEventId)) yield at;
  };
  const invocations = events.flatMap((event): Invocation[] => {
    const { taskSucceededEventDetails: ended } = event;
    if (ended?.resourceType !== 'lambda') return [];
    const trail = [...takeUntilEntered(before(event))];
    const parameters = trail.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails
      ?.parameters;
    const call = parsed(parameters);
    const called = functionOf(call['FunctionName']);
    const payload = call['Payload'];
    if (called === undefined || !isJsonObject(payload)) return [];
    const state = trail.at(-1)?.stateEnteredEventDetails?.name ?? '';
    const output = parsed(ended.output);
    const reply = called === 'asyncLlmHandler' ? output : (output['Payload'] ?? null);
    return [{ executionArn, state, called, event: payload, reply }];
  });
  const failed = events.filter(({ type }) => type === 'TaskFailed' || type === 'TaskTimedOut').length;
  return {
    invocations: invocations.map(withoutFailure),
    failed: failed + invocations.filter(({ reply }) => carriesFailure(reply)).length,
  };
}

/** The first segment of a run failed for good, in the call that built the bag. */
function carriesFailure(reply: Json): reply is JsonObject {
  return isJsonObject(reply) && reply['execution_result'] !== undefined;
}

/** The same call as one that only built the bag: a failure is not repeated. */
function withoutFailure(invocation: Invocation): Invocation {
  if (!carriesFailure(invocation.reply)) return invocation;
  const { execution_result: _failed, ...reply } = invocation.reply;
  return { ...invocation, event: { ...invocation.event, retry_count: 1 }, reply };
}

function* takeUntilEntered(trail: Iterable<HistoryEvent>): Generator<HistoryEvent> {
  for (const event of trail) {
    yield event;
    if (event.stateEnteredEventDetails) return;
  }
}

function parsed(text = '{}'): JsonObject {
  const value: Json = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}

/** `…:function:statebag-segment-runner-prod-executeSegment:7` */
function functionOf(name: Json | undefined): Invocation['called'] | undefined {
  const plain = String(name)
    .replace(/:(\d+|live|\$LATEST)$/, '')
    .toLowerCase();
  return [...REPEATED, 'asyncLlmHandler' as const].find((each) => plain.endsWith(each.toLowerCase()));
}
