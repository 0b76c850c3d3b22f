import type { StatementSync } from 'node:sqlite';
import { type Journal, prepare, type Statement } from '../ports/journal.ts';
import type { ExecutionRecord, ExecutionStatus } from '../program/execution.ts';
import type { Run } from '../program/program.ts';
import { eventWriter } from './event-store.ts';
import { encodeFrame } from './frame-body.ts';
import { type PayloadStore, payloadStore } from './payloads.ts';

type Row = Readonly<Record<string, unknown>>;

/** What a run needs besides its record to go on after a restart. */
export interface StoredRun {
  readonly record: ExecutionRecord;
  readonly nextFrame: number;
  readonly lastEvent: number;
  readonly frames: readonly { readonly id: number; readonly body: string }[];
  readonly results: readonly { readonly frame: number; readonly slot: number; readonly payload: string }[];
}

export interface ExecutionQuery {
  readonly machine?: string | undefined;
  readonly version?: string | undefined;
  readonly alias?: string | undefined;
  readonly mapRun?: number | undefined;
  readonly status?: string | undefined;
  readonly redriven?: boolean | undefined;
  /** Newest first: those that started before this one. */
  readonly after?: { readonly started: number; readonly id: number } | undefined;
  readonly limit: number;
}

/** Executions in the journal. */
export class ExecutionStore {
  readonly payloads: PayloadStore;
  /** Writes what a run has changed; part of the journal's open group. */
  readonly save: (run: Run) => void;
  readonly #db: Journal['db'];
  readonly #frames: Statement<{ id: number; body: string }>;
  readonly #lastEvent: Statement<{ last: number }>;
  readonly #results: Statement<{ frame: number; slot: number; payload: string }>;
  /** By their conditions, of which there are a handful. */
  readonly #selects = new Map<string, StatementSync>();
  #lastId: number;

  constructor({ db }: Journal) {
    this.#db = db;
    this.payloads = payloadStore(db);
    this.save = saver(db, this.payloads);
    this.#frames = prepare(db, 'SELECT id, body FROM states_frames WHERE execution = ? ORDER BY id');
    this.#lastEvent = prepare(
      db,
      'SELECT first + json_array_length(events) - 1 AS last FROM states_histories WHERE execution = ? ORDER BY first DESC LIMIT 1',
    );
    this.#results = prepare(db, 'SELECT frame, slot, payload FROM states_results WHERE execution = ?');
    this.#lastId =
      prepare<{ id: number }>(db, 'SELECT coalesce(max(id), 0) AS id FROM states_executions').get()?.id ?? 0;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  byId(id: number): ExecutionRecord | undefined {
    return this.#records('WHERE id = ?', id)[0];
  }

  byArn(arn: string): ExecutionRecord | undefined {
    return this.#records('WHERE arn = ?', arn)[0];
  }

  running(): readonly StoredRun[] {
    return this.#rows(`WHERE status = 'RUNNING' ORDER BY id`).map((row) => this.#stored(row));
  }

  stored(id: number): StoredRun | undefined {
    return this.#rows('WHERE id = ?', id).map((row) => this.#stored(row))[0];
  }

  list({ limit, ...filters }: ExecutionQuery): readonly ExecutionRecord[] {
    const { where, values } = conditions(filters);
    return this.#records(`${where} ORDER BY started DESC, id DESC LIMIT ?`, ...values, limit);
  }

  /** The children of a map run in the order of their items. */
  childrenOf(mapRun: number): readonly ExecutionRecord[] {
    return this.#records('WHERE map_run = ? ORDER BY item_index', mapRun);
  }

  /** Takes out the ended executions of a machine, with their histories. */
  removeEnded(machine: string): void {
    const ended = `SELECT id FROM states_executions WHERE machine = ? AND status <> 'RUNNING'`;
    for (const from of [
      'states_histories WHERE execution',
      'states_frames WHERE execution',
      'states_results WHERE execution',
      'states_executions WHERE id',
    ]) {
      this.#db.prepare(`DELETE FROM ${from} IN (${ended})`).run(machine);
    }
  }

  /** Frees the name of an ended execution. */
  forget(id: number): void {
    this.#db.prepare('DELETE FROM states_histories WHERE execution = ?').run(id);
    this.#db.prepare('DELETE FROM states_executions WHERE id = ?').run(id);
  }

  #rows(where: string, ...values: (string | number)[]): Row[] {
    const select = this.#selects.get(where) ?? this.#db.prepare(`SELECT * FROM states_executions ${where}`);
    this.#selects.set(where, select);
    return select.all(...values);
  }

  #records(where: string, ...values: (string | number)[]): ExecutionRecord[] {
    return this.#rows(where, ...values).map((row) => toRecord(row, this.payloads));
  }

  #stored(row: Row): StoredRun {
    const id = Number(row['id']);
    const lastEvent = Math.max(Number(row['last_event']), this.#lastEvent.get(id)?.last ?? 0);
    const at = { nextFrame: Number(row['next_frame']), lastEvent };
    return {
      record: toRecord(row, this.payloads),
      ...at,
      frames: this.#frames.all(id),
      results: this.#results.all(id),
    };
  }
}

function conditions({
  machine,
  version,
  alias,
  mapRun,
  status,
  redriven,
  after,
}: Omit<ExecutionQuery, 'limit'>): {
  where: string;
  values: (string | number)[];
} {
  const pairs = Object.entries({ machine, version, alias, map_run: mapRun, status }).filter(
    (pair): pair is [string, string | number] => pair[1] !== undefined,
  );
  const parts = pairs.map(([column]) => `${column} = ?`);
  if (mapRun === undefined) parts.push('map_run IS NULL');
  if (redriven !== undefined) parts.push(redriven ? 'redrives > 0' : 'redrives = 0');
  if (after !== undefined) parts.push('(started, id) < (?, ?)');
  const values = [...pairs.map(([, value]) => value), ...(after ? [after.started, after.id] : [])];
  return { where: `WHERE ${parts.join(' AND ')}`, values };
}

function saver(db: Journal['db'], payloads: PayloadStore): (run: Run) => void {
  const upsert = db.prepare(`INSERT INTO states_executions VALUES (${'?, '.repeat(24)}?)
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, stopped = excluded.stopped, output = excluded.output, error = excluded.error,
    cause = excluded.cause, redrives = excluded.redrives, redriven = excluded.redriven, next_frame = excluded.next_frame, last_event = excluded.last_event`);
  const progress = db.prepare('UPDATE states_executions SET next_frame = ?, last_event = ? WHERE id = ?');
  const append = eventWriter(db, payloads);
  const frame = db.prepare(
    'INSERT INTO states_frames VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  );
  const dropFrame = db.prepare('DELETE FROM states_frames WHERE execution = ? AND id = ?');
  const result = db.prepare('INSERT OR REPLACE INTO states_results VALUES (?, ?, ?, ?)');
  const dropResults = db.prepare('DELETE FROM states_results WHERE execution = ? AND frame = ?');

  return (run) => {
    const { unsaved, record } = run;
    if (unsaved.record) upsert.run(...toRow(run, payloads));
    // The number of the last event is in the history, which an express execution has none of.
    else if (unsaved.numbered || record.express) progress.run(run.nextFrame, run.lastEvent, record.id);
    // Nobody can ask for the history of an express execution.
    if (!record.express) append(record.id, unsaved.events);
    for (const gone of unsaved.gone) dropFrame.run(record.id, gone);
    for (const changed of unsaved.frames) frame.run(record.id, changed.id, encodeFrame(changed, payloads));
    for (const saved of unsaved.results)
      result.run(record.id, saved.frame, saved.slot, payloads.encode(saved.payload));
    for (const cleared of unsaved.cleared) dropResults.run(record.id, cleared);
    for (const also of unsaved.also) also();
  };
}

/** The columns in the order of the table. */
function toRow({ record, nextFrame, lastEvent }: Run, payloads: PayloadStore): (string | number | null)[] {
  return [
    record.id,
    record.arn,
    record.name,
    record.machineArn,
    record.versionArn ?? null,
    record.aliasArn ?? null,
    record.revision,
    record.roleArn,
    record.express ? 1 : 0,
    payloads.encode(record.input),
    record.startedAt,
    record.parent?.execution ?? null,
    record.parent?.frame ?? null,
    record.mapRun ?? null,
    record.place ?? null,
    record.program,
    record.status,
    record.stoppedAt ?? null,
    payloads.encodeOptional(record.output),
    record.error ?? null,
    record.cause ?? null,
    record.redriveCount,
    record.redrivenAt ?? null,
    nextFrame,
    lastEvent,
  ];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function toRecord(row: Row, payloads: PayloadStore): ExecutionRecord {
  const parentExecution = number(row['parent_execution']);
  const machineArn = String(row['machine']);
  return {
    id: Number(row['id']),
    arn: String(row['arn']),
    name: String(row['name']),
    machineArn,
    machineName: machineArn.slice(machineArn.lastIndexOf(':') + 1),
    versionArn: text(row['version']),
    aliasArn: text(row['alias']),
    revision: Number(row['revision']),
    roleArn: String(row['role']),
    express: row['express'] === 1,
    input: payloads.decode(String(row['input'])),
    startedAt: Number(row['started']),
    parent:
      parentExecution === undefined
        ? undefined
        : { execution: parentExecution, frame: Number(row['parent_frame']) },
    mapRun: number(row['map_run']),
    place: number(row['item_index']),
    program: String(row['program']),
    status: String(row['status']) as ExecutionStatus, // parse boundary: written by toRow
    stoppedAt: number(row['stopped']),
    output: payloads.decodeOptional(row['output']),
    error: text(row['error']),
    cause: text(row['cause']),
    redriveCount: Number(row['redrives']),
    redrivenAt: number(row['redriven']),
  };
}
