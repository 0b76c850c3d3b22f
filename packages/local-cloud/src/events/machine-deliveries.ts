import { randomUUID } from 'node:crypto';
import { ApiError, type Clock, type Journal, type JsonActions, prepare } from '@statebag/states';

export interface MachineDeliveries {
  /** Notes an execution to be started so many milliseconds from now, within the open group. */
  add(delivery: { readonly stateMachineArn: string; readonly input: string; readonly afterMs: number }): void;
  /** Starts what a crash left noted. */
  start(): void;
  stop(): void;
}

export interface MachineDeliveriesDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly startExecution: NonNullable<JsonActions[string]>;
}

interface Row {
  id: string;
  arn: string;
  input: string;
}

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS machine_delivery (id TEXT PRIMARY KEY, arn TEXT NOT NULL, input TEXT NOT NULL) WITHOUT ROWID';

/** Refusals that end by themselves: EventBridge tries such a delivery again, for a day. */
const PASSING: ReadonlySet<string> = new Set(['ThrottlingException', 'ExecutionLimitExceeded']);
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 60_000];

/**
 * Starts executions for rules. The delivery's id is the execution's name, so one that is repeated after a
 * crash starts nothing twice.
 */
export function openMachineDeliveries({
  journal,
  clock,
  startExecution,
}: MachineDeliveriesDeps): MachineDeliveries {
  journal.write(() => journal.db.exec(SCHEMA));
  const insert = prepare(journal.db, 'INSERT INTO machine_delivery (id, arn, input) VALUES (?, ?, ?)');
  const pending = prepare<Row>(journal.db, 'SELECT id, arn, input FROM machine_delivery');
  const drop = prepare(journal.db, 'DELETE FROM machine_delivery WHERE id = ?');
  let running = false;
  const deliverAfter = (row: Row, waitMs: number, nextMs: number): void =>
    void clock.at(clock.now() + waitMs, () => void deliver(row, nextMs));
  const deliver = async (row: Row, waitMs = FIRST_WAIT_MS): Promise<void> => {
    if (!running) return;
    try {
      await startExecution({ stateMachineArn: row.arn, name: row.id, input: row.input });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (PASSING.has(error.code)) return deliverAfter(row, waitMs, Math.min(2 * waitMs, LONGEST_WAIT_MS));
      // A machine that is gone or refuses the input will do so for ever; EventBridge drops such an event,
      // too.
    }
    journal.write(() => void drop.run(row.id));
  };
  return {
    add: ({ stateMachineArn: arn, input, afterMs }) => {
      const row = { id: randomUUID(), arn, input };
      journal.write(() => void insert.run(row.id, arn, input));
      const release = clock.hold();
      void journal
        .flush()
        .then(() => (afterMs > 0 ? deliverAfter(row, afterMs, FIRST_WAIT_MS) : deliver(row)))
        .finally(release);
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
