import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { MapRunRecord, MapRunStatus } from '../program/map-run.ts';
import type { PayloadStore } from './payloads.ts';

interface MapRunRow {
  readonly id: number;
  readonly arn: string;
  readonly execution: number;
  readonly frame: number;
  readonly state: string;
  readonly status: MapRunStatus;
  readonly started: number;
  readonly stopped: number | null;
  readonly settings: string;
  readonly items: string | null;
  readonly total: number;
  readonly redrives: number;
  readonly redriven: number | null;
}

/** Map runs in the journal. */
export interface MapRunStore {
  nextId(): number;
  save(run: MapRunRecord): void;
  byId(id: number): MapRunRecord | undefined;
  byArn(arn: string): MapRunRecord | undefined;
  ofExecution(execution: number): readonly MapRunRecord[];
  /** Children by status, and the items that they stand for. */
  children(
    id: number,
  ): readonly { readonly status: string; readonly executions: number; readonly last: number }[];
  /** The places of the children with a status. */
  places(id: number, status: string): readonly number[];
}

export function mapRunStore({ db }: Journal, payloads: PayloadStore): MapRunStore {
  const upsert = prepare(
    db,
    'INSERT OR REPLACE INTO states_map_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const byId = prepare<MapRunRow>(db, 'SELECT * FROM states_map_runs WHERE id = ?');
  const byArn = prepare<MapRunRow>(db, 'SELECT * FROM states_map_runs WHERE arn = ?');
  const ofExecution = prepare<MapRunRow>(db, 'SELECT * FROM states_map_runs WHERE execution = ? ORDER BY id');
  const children = prepare<{ status: string; executions: number; last: number }>(
    db,
    'SELECT status, count(*) AS executions, max(item_index) AS last FROM states_executions WHERE map_run = ? GROUP BY status',
  );
  const places = prepare<{ place: number }>(
    db,
    'SELECT item_index AS place FROM states_executions WHERE map_run = ? AND status = ? ORDER BY item_index',
  );
  let lastId = Number(
    prepare<{ id: number }>(db, 'SELECT coalesce(max(id), 0) AS id FROM states_map_runs').get()?.id,
  );
  const read = (row: MapRunRow | undefined): MapRunRecord | undefined => row && toRecord(row, payloads);
  return {
    nextId: () => ++lastId,
    save: (run) => void upsert.run(...toRow(run, payloads)),
    byId: (id) => read(byId.get(id)),
    byArn: (arn) => read(byArn.get(arn)),
    ofExecution: (execution) => ofExecution.all(execution).map((row) => toRecord(row, payloads)),
    children: (id) => children.all(id),
    places: (id, status) => places.all(id, status).map(({ place }) => place),
  };
}

/** The columns in the order of the table. */
function toRow(run: MapRunRecord, payloads: PayloadStore): (string | number | null)[] {
  return [
    run.id,
    run.arn,
    run.execution,
    run.frame,
    run.state,
    run.status,
    run.startedAt,
    run.stoppedAt ?? null,
    JSON.stringify(run.settings),
    payloads.encodeOptional(run.units),
    run.total,
    run.redriveCount,
    run.redrivenAt ?? null,
  ];
}

function toRecord(row: MapRunRow, payloads: PayloadStore): MapRunRecord {
  const { id, arn, execution, frame, state, status, total } = row;
  return {
    id,
    arn,
    execution,
    frame,
    state,
    status,
    total,
    startedAt: row.started,
    stoppedAt: row.stopped ?? undefined,
    settings: fromJson(row.settings),
    units: payloads.decodeOptional(row.items),
    redriveCount: row.redrives,
    redrivenAt: row.redriven ?? undefined,
  };
}
