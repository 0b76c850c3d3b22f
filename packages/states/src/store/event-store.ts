import type { Payload } from '../language/payload.ts';
import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { EventFacts, EventType } from '../program/execution.ts';
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

interface EventRow {
  readonly id: number;
  readonly previous: number;
  readonly at: number;
  readonly type: EventType;
  readonly facts: string | null;
  readonly payload: string | null;
}

/** Histories in the journal. */
export interface EventStore {
  page(
    execution: number,
    page: { readonly after: number; readonly limit: number; readonly reverse: boolean },
  ): readonly StoredEvent[];
}

export function eventStore({ db }: Journal, payloads: PayloadStore): EventStore {
  const forward = prepare<EventRow>(
    db,
    'SELECT * FROM states_events WHERE execution = ? AND id > ? ORDER BY id LIMIT ?',
  );
  const backward = prepare<EventRow>(
    db,
    'SELECT * FROM states_events WHERE execution = ? AND id < ? ORDER BY id DESC LIMIT ?',
  );
  return {
    page: (execution, { after, limit, reverse }) =>
      (reverse ? backward : forward).all(execution, after, limit).map((row) => ({
        ...row,
        facts: row.facts === null ? {} : fromJson<EventFacts>(row.facts),
        payload: payloads.decodeOptional(row.payload),
      })),
  };
}
