import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** A prepared statement whose rows have a known shape. */
export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Runs a writing statement; the number of rows it touched. */
  run(...values: SQLInputValue[]): number;
}

/** Prepares `sql`, whose selected columns are those of `Row`. */
export function prepare<Row>(db: DatabaseSync, sql: string): Statement<Row> {
  const statement = db.prepare(sql);
  // What a statement selects is written next to its row type and read back only by the module that wrote it, so the row needs no second check.
  const typed = (row: unknown): Row => row as Row;
  return {
    get: (...values) => {
      const row = statement.get(...values);
      return row === undefined ? undefined : typed(row);
    },
    all: (...values) => statement.all(...values).map(typed),
    run: (...values) => Number(statement.run(...values).changes),
  };
}

/** Reads back a JSON column written by the same module. */
export function fromJson<Value>(text: string): Value {
  // Only text that this module's own JSON.stringify wrote reaches this.
  return JSON.parse(text) as Value;
}
