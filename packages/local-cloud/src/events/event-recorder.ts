import { fromJson, type Journal, prepare } from '@statebag/states';

/** An event as EventBridge hands it to its targets. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface EventFilter {
  readonly source?: string;
  readonly detailType?: string;
  /** Events recorded after this position. */
  readonly after?: number;
}

export interface RecordedEvent {
  readonly position: number;
  readonly bus: string;
  readonly event: BusEvent;
}

/** What went over the buses, for whoever asks later. */
export interface EventRecorder {
  record(bus: string, event: BusEvent): void;
  /** Oldest first. */
  list(filter?: EventFilter): RecordedEvent[];
}

/** A longer text of an event is only named: whoever asks later reads it where it comes from. */
const LONGEST_TEXT = 8_192;
const RETENTION_MS = 14 * 24 * 3_600_000;
const SCHEMA = `CREATE TABLE IF NOT EXISTS bus_event (
  position INTEGER PRIMARY KEY, bus TEXT NOT NULL, source TEXT NOT NULL, detail_type TEXT NOT NULL, put_at INTEGER NOT NULL, event TEXT NOT NULL)`;

/** Keeps two weeks of events in the journal's database. */
export function openEventRecorder(journal: Journal, now: () => number): EventRecorder {
  journal.write(() => journal.db.exec(SCHEMA));
  // events are in the order of their times: nothing behind the first that stays has to be looked at
  const forget = prepare(
    journal.db,
    `DELETE FROM bus_event WHERE position < coalesce(
       (SELECT position FROM bus_event WHERE put_at >= ? ORDER BY position LIMIT 1), 1 + (SELECT max(position) FROM bus_event))`,
  );
  journal.write(() => void forget.run(now() - RETENTION_MS));
  const add = prepare(
    journal.db,
    'INSERT INTO bus_event (bus, source, detail_type, put_at, event) VALUES (?, ?, ?, ?, ?)',
  );
  const page = prepare<{ position: number; bus: string; event: string }>(
    journal.db,
    "SELECT position, bus, event FROM bus_event WHERE position > ? AND (? = '' OR source = ?) AND (? = '' OR detail_type = ?) ORDER BY position",
  );
  return {
    record: (bus, event) =>
      void add.run(bus, event.source, event['detail-type'], now(), JSON.stringify(event, shortText)),
    list: ({ source = '', detailType = '', after = 0 } = {}) =>
      page
        .all(after, source, source, detailType, detailType)
        .map(({ position, bus, event }) => ({ position, bus, event: fromJson<BusEvent>(event) })),
  };
}

function shortText(_name: string, value: unknown): unknown {
  const isLong = typeof value === 'string' && value.length > LONGEST_TEXT;
  return isLong ? `(${value.length} characters that are not kept)` : value;
}
