import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { numberAt, objectAt, textAt } from './json.ts';

/** One event of an execution's history, whichever way it came. */
export interface HistoryEvent {
  readonly id: number;
  /** The event it follows from: in a Parallel or a Map not the one before it in the list. */
  readonly previous: number;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly details: JsonObject;
}

/** Data of an event: its JSON text, or why it is not there. */
export type Recorded =
  | { readonly text: string; readonly bytes: number }
  | { readonly missing: 'off' | 'truncated' };

/**
 * Reads events as `GetExecutionHistory` answers them, as the AWS CLI prints them, or as Step Functions
 * logs them
 * to CloudWatch. Undefined: the value holds none.
 */
export function readHistory(value: Json): readonly HistoryEvent[] | undefined {
  const list = Array.isArray(value) ? value : isJsonObject(value) ? value['events'] : undefined;
  if (!Array.isArray(list)) return undefined;
  const events = list.filter(isJsonObject).flatMap((each) => readEvent(each) ?? []);
  if (events.length !== list.length || events.length === 0) return undefined;
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((left, right) => left.id - right.id);
}

function readEvent(event: JsonObject): HistoryEvent | undefined {
  const id = Number(event['id']);
  const type = textAt(event, 'type');
  if (type === undefined || !Number.isSafeInteger(id)) return undefined;
  const previous = Number(event['previousEventId'] ?? event['previous_event_id'] ?? 0);
  const at = instantOf(event['timestamp'] ?? event['event_timestamp']);
  const field = Object.keys(event).find((name) => name.endsWith('EventDetails')) ?? 'details';
  return { id, previous, type, at, details: objectAt(event, field) };
}

/** Seconds or milliseconds since 1970, or a date as text. */
function instantOf(given: Json | undefined): number {
  const number = typeof given === 'number' ? given : Number(given);
  if (Number.isFinite(number)) return number > 1e11 ? number : number * 1000;
  return typeof given === 'string' ? Date.parse(given) : 0;
}

/**
 * What an event recorded under a name: `input`, `output`, `parameters`. Undefined: such an event has none.
 */
export function recorded({ details }: HistoryEvent, name: string): Recorded | undefined {
  const text = details[name];
  const isCut = objectAt(details, `${name}Details`)['truncated'] === true;
  if (isCut) return { missing: typeof text === 'string' && text !== '' ? 'truncated' : 'off' };
  return typeof text === 'string' ? { text, bytes: Buffer.byteLength(text) } : undefined;
}

/** One call that a state made. */
export interface Attempt {
  readonly scheduled: HistoryEvent;
  readonly argument: Recorded | undefined;
  result: Recorded | undefined;
  submittedAt: number | undefined;
  error: string | undefined;
  cause: string | undefined;
  end: HistoryEvent | undefined;
}

/** A state that was entered, with everything that happened in it. */
export interface Visit {
  readonly state: string;
  readonly entered: HistoryEvent;
  /** The visit of the Map or Parallel that it was made in. */
  readonly within: Visit | undefined;
  readonly input: Recorded | undefined;
  output: Recorded | undefined;
  exited: HistoryEvent | undefined;
  readonly attempts: Attempt[];
  /** Events of its own, without those of visits inside of it. */
  events: number;
}

export interface Walk {
  readonly visits: readonly Visit[];
  /** To which visit an event belongs. */
  readonly ownerOf: ReadonlyMap<number, Visit>;
  readonly eventOf: ReadonlyMap<number, HistoryEvent>;
  /** Events whose predecessor is not in the history: a page is missing. */
  readonly orphans: number;
}

/** Sorts events into visits by following each to the one that it came from. */
export function walk(events: readonly HistoryEvent[]): Walk {
  const visits: Visit[] = [];
  const ownerOf = new Map<number, Visit>();
  const eventOf = new Map(events.map((event) => [event.id, event]));
  let orphans = 0;
  for (const event of events) {
    const before = eventOf.get(event.previous);
    if (event.previous > 0 && !before) orphans += 1;
    const from = ownerOf.get(event.previous);
    const visit = isEntry(event) ? enter(event, before, from) : ownerAround(event, from);
    if (!visit) continue;
    if (isEntry(event)) visits.push(visit);
    ownerOf.set(event.id, visit);
    visit.events += 1;
    note(visit, event);
  }
  return { visits, ownerOf, eventOf, orphans };
}

const isEntry = ({ type }: HistoryEvent): boolean => type.endsWith('StateEntered');
const isOfGroup = ({ type }: HistoryEvent): boolean =>
  /^(MapIteration|MapState|ParallelState|MapRun)/.test(type) && !type.endsWith('Entered');

function enter(event: HistoryEvent, before: HistoryEvent | undefined, from: Visit | undefined): Visit {
  return {
    state: textAt(event.details, 'name') ?? '',
    entered: event,
    within: before && isOfGroup(before) && !before.type.endsWith('Exited') ? from : from?.within,
    input: recorded(event, 'input'),
    output: undefined,
    exited: undefined,
    attempts: [],
    events: 0,
  };
}

/** Events of a Map or Parallel follow from events inside of it. */
function ownerAround(event: HistoryEvent, from: Visit | undefined): Visit | undefined {
  if (!isOfGroup(event)) return from;
  const kind = event.type.startsWith('Parallel') ? 'Parallel' : 'Map';
  let at = from;
  while (at && !at.entered.type.startsWith(kind)) at = at.within;
  return at ?? from;
}

const CALL = /^(Task|LambdaFunction|Activity)/;

function note(visit: Visit, event: HistoryEvent): void {
  const { type } = event;
  if (type.endsWith('StateExited')) {
    visit.exited = event;
    visit.output = recorded(event, 'output');
  }
  if (!CALL.test(type) || type.includes('State')) return;
  if (type.endsWith('Scheduled')) visit.attempts.push(attemptFrom(event));
  const attempt = visit.attempts.at(-1);
  if (!attempt) return;
  if (type === 'TaskSubmitted') attempt.submittedAt = event.at;
  if (!/(Succeeded|Failed|TimedOut|ScheduleFailed)$/.test(type)) return;
  attempt.end = event;
  attempt.result = recorded(event, 'output');
  attempt.error = textAt(event.details, 'error');
  attempt.cause = textAt(event.details, 'cause');
}

const attemptFrom = (scheduled: HistoryEvent): Attempt => ({
  scheduled,
  argument: recorded(scheduled, 'parameters') ?? recorded(scheduled, 'input'),
  result: undefined,
  submittedAt: undefined,
  error: undefined,
  cause: undefined,
  end: undefined,
});

/** How an execution ended. */
export interface End {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'RUNNING';
  readonly event: HistoryEvent | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

const STATUS: Readonly<Record<string, End['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

export function endOf(events: readonly HistoryEvent[]): End {
  const event = events.at(-1);
  const status = event === undefined ? undefined : STATUS[event.type];
  if (event === undefined || status === undefined)
    return { status: 'RUNNING', event: undefined, error: undefined, cause: undefined };
  return { status, event, error: textAt(event.details, 'error'), cause: textAt(event.details, 'cause') };
}

/** The visit in which the failure arose: not the Map or Parallel that it ended, but the state inside. */
export function failedVisit({ event, error }: End, { visits, ownerOf, eventOf }: Walk): Visit | undefined {
  let at = event && eventOf.get(event.previous);
  while (at && isOfGroup(at) && /(Failed|Aborted)$/.test(at.type)) at = eventOf.get(at.previous);
  const owner = at && ownerOf.get(at.id);
  const inside = visits.find(
    ({ within, attempts }) =>
      owner && within === owner && error !== undefined && attempts.at(-1)?.error === error,
  );
  return inside ?? owner;
}

/** Seconds that a call was allowed to take, as its event says. */
export const limitsOf = ({
  scheduled,
}: Attempt): { timeout: number | undefined; heartbeat: number | undefined } => ({
  timeout: numberAt(scheduled.details, 'timeoutInSeconds'),
  heartbeat: numberAt(scheduled.details, 'heartbeatInSeconds'),
});
