import { randomUUID } from 'node:crypto';
import {
  ApiError,
  addColumn,
  type Clock,
  fromJson,
  type InvocationResult,
  type Journal,
  type KeptText,
  prepare,
} from '@statebag/states';
import { type CutPayload, cut, whole } from './cut-payload.ts';
import type { FunctionSettings } from './function-config.ts';
import type { Invoker } from './invoker.ts';

/** An event on its way to a function that nobody waits for. */
export interface QueuedEvent {
  readonly id: string;
  readonly functionName: string;
  readonly qualifier: string;
  readonly payload: string;
  readonly enqueuedAt: number;
  readonly attempts: number;
}

/** How an event ended for good. */
export interface Conclusion {
  readonly event: QueuedEvent;
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';
  /** Missing where the last attempt never reached the function. */
  readonly result?: InvocationResult;
}

export interface EventQueue {
  /** Takes an event in, within the open group: it is durable with the next flush. */
  enqueue(event: {
    readonly functionName: string;
    readonly qualifier: string;
    readonly payload: string;
    /** Milliseconds before its first attempt; 0 if not given. */
    readonly afterMs?: number;
    /** Long texts that are in it and that the journal has. */
    readonly kept?: readonly KeptText[];
  }): string;
  /** The names of the texts that waiting events have without repeating them. */
  namedTexts(): readonly string[];
  start(): void;
  stop(): void;
}

export interface EventQueueDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly invoke: Invoker;
  settingsOf(functionName: string): FunctionSettings;
  /** The text of a name. */
  textOf(name: string): string;
  /** Tells the destination, in the same write that forgets the event. */
  conclude(conclusion: Conclusion): void;
}

interface Row {
  id: string;
  function_name: string;
  qualifier: string;
  payload: string;
  cuts: string;
  enqueued_at: number;
  due_at: number;
  attempts: number;
}

const MAX_ACTIVE = 64;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Lambda waits from one second to five minutes for a place. */
const LONGEST_DELAY_MS = 5 * MINUTE_MS;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lambda_event (
    id TEXT PRIMARY KEY, function_name TEXT NOT NULL, qualifier TEXT NOT NULL, payload TEXT NOT NULL,
    enqueued_at INTEGER NOT NULL, due_at INTEGER NOT NULL, attempts INTEGER NOT NULL, cuts TEXT NOT NULL DEFAULT '[]');
  CREATE INDEX IF NOT EXISTS lambda_event_by_due ON lambda_event (due_at)`;

/** A queue at work: which events are being tried, and the timer of the next. */
interface QueueState extends EventQueueDeps {
  readonly sql: ReturnType<typeof statementsOf>;
  readonly active: Set<string>;
  /** Payloads of events that have their turn next, most likely: nobody has to put them together again. */
  readonly fresh: Map<string, string>;
  running: boolean;
  cancelTimer?: (() => void) | undefined;
}

/**
 * Event invocations: journaled before they are acknowledged, tried until they succeed or run out of attempts
 * or time. A crash repeats at most the attempt in flight.
 */
export function openEventQueue(deps: EventQueueDeps): EventQueue {
  deps.journal.write(() => {
    deps.journal.db.exec(SCHEMA);
    addColumn(deps.journal, 'lambda_event', "cuts TEXT NOT NULL DEFAULT '[]'");
  });
  const sql = statementsOf(deps.journal);
  const queue: QueueState = { ...deps, sql, active: new Set(), fresh: new Map(), running: false };
  return {
    enqueue: (event) => enqueue(queue, event),
    namedTexts: () => sql.cut.all().flatMap(({ cuts }) => cutsOf(cuts).map(({ name }) => name)),
    start: () => {
      queue.running = true;
      pump(queue);
    },
    stop: () => {
      queue.running = false;
      queue.cancelTimer?.();
    },
  };
}

function enqueue(
  queue: QueueState,
  { functionName, qualifier, payload, afterMs = 0, kept = [] }: Parameters<EventQueue['enqueue']>[0],
): string {
  const { journal, clock, sql, fresh } = queue;
  const id = randomUUID();
  const now = clock.now();
  const { rest, cuts } = cut(payload, kept);
  const row = [id, functionName, qualifier, rest, now, now + afterMs, JSON.stringify(cuts)];
  journal.write(() => void sql.add.run(...row));
  if (cuts.length > 0 && afterMs === 0 && fresh.size < MAX_ACTIVE) fresh.set(id, payload);
  const release = clock.hold();
  // The event may run only once it cannot be lost: otherwise a crash could forget an event that has had
  // effects.
  void journal
    .flush()
    .then(() => pump(queue))
    .finally(release);
  return id;
}

/** Tries every event that is due and has a place, and sets the timer for the next that is not. */
function pump(queue: QueueState): void {
  const { clock, sql, active } = queue;
  queue.cancelTimer?.();
  queue.cancelTimer = undefined;
  if (!queue.running) return;
  // only of those that are tried the payload is read: many may wait, each with up to 256 KB
  for (const { id } of sql.due.all(clock.now(), MAX_ACTIVE)) {
    const row = active.size < MAX_ACTIVE && !active.has(id) ? sql.one.get(id) : undefined;
    if (row !== undefined) void attempt(queue, eventOf(row, queue));
  }
  const next = sql.later.get(clock.now());
  if (next !== undefined) queue.cancelTimer = clock.at(next.due_at, () => pump(queue));
}

async function attempt(queue: QueueState, event: QueuedEvent): Promise<void> {
  queue.active.add(event.id);
  const result = await tryOnce(event, queue.invoke);
  queue.active.delete(event.id);
  if (!queue.running) return;
  queue.journal.write(() => (result === 'throttled' ? delay(queue, event) : settle(queue, event, result)));
  pump(queue);
}

/** An event that found no place is no attempt: it waits, and longer the longer it has waited. */
function delay({ sql, clock }: QueueState, { id, attempts, enqueuedAt }: QueuedEvent): void {
  const waited = clock.now() - enqueuedAt;
  sql.retry.run(attempts - 1, clock.now() + Math.min(Math.max(waited, SECOND_MS), LONGEST_DELAY_MS), id);
}

/** Writes down how an attempt ended: gone with a word to the destination, or due again. */
function settle(
  { sql, clock, ...deps }: QueueState,
  event: QueuedEvent,
  result: InvocationResult | undefined,
): void {
  const conclusion = concludes(event, result, {
    settings: deps.settingsOf(event.functionName),
    now: clock.now(),
  });
  if (conclusion === undefined) {
    sql.retry.run(event.attempts, clock.now() + retryDelay(event.attempts), event.id);
    return;
  }
  sql.drop.run(event.id);
  deps.conclude(conclusion);
}

function statementsOf({ db }: Journal) {
  const columns = 'id, function_name, qualifier, payload, enqueued_at, due_at, cuts, attempts';
  return {
    add: prepare(db, `INSERT INTO lambda_event (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`),
    cut: prepare<Pick<Row, 'cuts'>>(db, "SELECT cuts FROM lambda_event WHERE cuts <> '[]'"),
    due: prepare<Pick<Row, 'id'>>(
      db,
      'SELECT id FROM lambda_event WHERE due_at <= ? ORDER BY due_at, rowid LIMIT ?',
    ),
    one: prepare<Row>(db, `SELECT ${columns} FROM lambda_event WHERE id = ?`),
    later: prepare<{ due_at: number }>(
      db,
      'SELECT due_at FROM lambda_event WHERE due_at > ? ORDER BY due_at LIMIT 1',
    ),
    retry: prepare(db, 'UPDATE lambda_event SET attempts = ?, due_at = ? WHERE id = ?'),
    drop: prepare(db, 'DELETE FROM lambda_event WHERE id = ?'),
  };
}

/** One attempt. A service error (no such version any more) counts as one that gave no result. */
async function tryOnce(
  event: QueuedEvent,
  invoke: Invoker,
): Promise<InvocationResult | 'throttled' | undefined> {
  try {
    return await invoke({
      functionName: event.functionName,
      qualifier: event.qualifier,
      payload: event.payload,
      requestId: event.id,
    });
  } catch (error) {
    if (error instanceof ApiError) return error.status === 429 ? 'throttled' : undefined;
    throw error;
  }
}

function concludes(
  event: QueuedEvent,
  result: InvocationResult | undefined,
  { settings, now }: { settings: FunctionSettings; now: number },
): Conclusion | undefined {
  const outcome = result === undefined ? { event } : { event, result };
  if (result !== undefined && result.functionError === undefined) return { ...outcome, condition: 'Success' };
  if (event.attempts > settings.maximumRetryAttempts) return { ...outcome, condition: 'RetriesExhausted' };
  const next = now + retryDelay(event.attempts);
  return next > event.enqueuedAt + settings.maximumEventAgeSeconds * 1000
    ? { ...outcome, condition: 'EventAgeExceeded' }
    : undefined;
}

/** Lambda waits a minute before the second attempt and two before the third. */
function retryDelay(attempts: number): number {
  return attempts * MINUTE_MS;
}

/** The event as it stands during its next attempt. */
function eventOf(
  { id, function_name, qualifier, payload, cuts, enqueued_at, attempts }: Row,
  { fresh, textOf }: Pick<QueueState, 'fresh' | 'textOf'>,
): QueuedEvent {
  const known = fresh.get(id);
  fresh.delete(id);
  return {
    id,
    functionName: function_name,
    qualifier,
    payload: known ?? whole({ rest: payload, cuts: cutsOf(cuts) }, textOf),
    enqueuedAt: enqueued_at,
    attempts: attempts + 1,
  };
}

function cutsOf(column: string): CutPayload['cuts'] {
  return fromJson(column);
}
