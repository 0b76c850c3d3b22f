import { randomUUID } from 'node:crypto';
import { ApiError, type Journal, type JsonActions, prepare } from '@statebag/states';

export interface MachineDeliveries {
  /** Notes an execution to be started, within the open group. */
  add(stateMachineArn: string, input: string): void;
  /** Starts what a crash left noted. */
  start(): void;
  stop(): void;
}

interface Row {
  id: string;
  arn: string;
  input: string;
}

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS machine_delivery (id TEXT PRIMARY KEY, arn TEXT NOT NULL, input TEXT NOT NULL) WITHOUT ROWID';

/**
 * Starts executions for rules. The delivery's id is the execution's name, so one that is repeated after a
 * crash starts nothing twice.
 */
export function openMachineDeliveries(
  journal: Journal,
  startExecution: NonNullable<JsonActions[string]>,
): MachineDeliveries {
  journal.write(() => journal.db.exec(SCHEMA));
  const insert = prepare(journal.db, 'INSERT INTO machine_delivery (id, arn, input) VALUES (?, ?, ?)');
  const pending = prepare<Row>(journal.db, 'SELECT id, arn, input FROM machine_delivery');
  const drop = prepare(journal.db, 'DELETE FROM machine_delivery WHERE id = ?');
  let running = false;
  const deliver = async ({ id, arn, input }: Row): Promise<void> => {
    if (!running) return;
    try {
      await startExecution({ stateMachineArn: arn, name: id, input });
    } catch (error) {
      // A machine that is gone or refuses the input will do so for ever; EventBridge drops such an event,
      // too.
      if (!(error instanceof ApiError)) throw error;
    }
    journal.write(() => void drop.run(id));
  };
  return {
    add: (arn, input) => {
      const row = { id: randomUUID(), arn, input };
      journal.write(() => void insert.run(row.id, arn, input));
      void journal.flush().then(() => deliver(row));
    },
    start: () => {
      running = true;
      for (const row of pending.all()) void deliver(row);
    },
    stop: () => {
      running = false;
    },
  };
}
