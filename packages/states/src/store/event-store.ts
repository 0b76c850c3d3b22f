import type { Payload } from '../language/payload.ts';
import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { EventFacts, EventType, HistoryEvent } from '../program/execution.ts';
import type { PayloadStore } from './payloads.ts';

/** An event of a history, read back. */
export interface StoredEvent {
  readonly id: number;
  readonly previous: number;
  readonly at: number;
  readonly type: EventType;
  readonly facts: EventFacts;
  readonly payload: Payload | undefined;
}

/** An event in the text of a row: all but its number, which is that of its place. */
type Written = readonly [
  previous: number,
  at: number,
  type: EventType,
  facts: EventFacts | null,
  payload: string | null,
];

/** The events that one step of the journal has written: a state takes several, and a row costs more than they. */
interface Row {
  readonly first: number;
  readonly events: string;
}

/** Histories in the journal. */
export interface EventStore {
  page(
    execution: number,
    page: { readonly after: number; readonly limit: number; readonly reverse: boolean },
  ): readonly StoredEvent[];
}

/** Appends events to the history of an execution. */
export function eventWriter(
  db: Journal['db'],
  payloads: PayloadStore,
): (execution: number, events: readonly HistoryEvent[]) => void {
  const insert = db.prepare('INSERT INTO states_histories (execution, first, events) VALUES (?, ?, ?)');
  return (execution, events) => {
    const [first] = events;
    if (!first) return;
    const written = events.map(
      ({ previous, at, type, facts, payload }): Written => [
        previous,
        at,
        type,
        facts ?? null,
        payloads.encodeOptional(payload),
      ],
    );
    insert.run(execution, first.id, JSON.stringify(written));
  };
}

export function eventStore({ db }: Journal, payloads: PayloadStore): EventStore {
  // The first row of a page may begin before it, and every row has an event at least.
  const forward = prepare<Row>(
    db,
    `SELECT first, events FROM states_histories WHERE execution = ?1 AND first >=
      (SELECT coalesce(max(first), 0) FROM states_histories WHERE execution = ?1 AND first <= ?2 + 1)
      ORDER BY first LIMIT ?3 + 1`,
  );
  const backward = prepare<Row>(
    db,
    'SELECT first, events FROM states_histories WHERE execution = ? AND first < ? ORDER BY first DESC LIMIT ?',
  );
  const read = ({ first, events }: Row): StoredEvent[] =>
    fromJson<readonly Written[]>(events).map(([previous, at, type, facts, payload], index) => ({
      id: first + index,
      previous,
      at,
      type,
      facts: facts ?? {},
      payload: payloads.decodeOptional(payload),
    }));
  return {
    page(execution, { after, limit, reverse }) {
      const rows = (reverse ? backward : forward).all(execution, after, limit);
      const events = rows.flatMap((row) => (reverse ? read(row).reverse() : read(row)));
      return events.filter(({ id }) => (reverse ? id < after : id > after)).slice(0, limit);
    },
  };
}
