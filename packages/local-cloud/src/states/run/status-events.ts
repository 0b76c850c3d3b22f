import type { BusEntry, EventBus, Journal } from '../../ports.ts';
import { fromJson, prepare } from '../../rows.ts';
import type { ExecutionRecord } from './execution-record.ts';

/** EventBridge takes no larger entry. */
const LARGEST_DETAIL = 240_000;

/** The service's own events about executions. They wait in an outbox, so that one is told exactly once, whenever the process dies. */
export interface StatusEvents {
  /** Part of the journal's open group. */
  add(execution: ExecutionRecord): void;
  /** Hands over what waits. */
  deliver(): void;
}

export function statusEvents(journal: Journal, bus: EventBus): StatusEvents {
  const insert = prepare(journal.db, 'INSERT INTO states_outbox (entry) VALUES (?)');
  const waiting = prepare<{ id: number; entry: string }>(journal.db, 'SELECT id, entry FROM states_outbox ORDER BY id');
  const remove = prepare(journal.db, 'DELETE FROM states_outbox WHERE id = ?');
  const add = (entry: BusEntry): void => void insert.run(JSON.stringify(entry));

  /** Taken out and handed over in one step of the journal: the bus records an entry before its first await. */
  const hand = ({ id, entry }: { id: number; entry: string }): void => {
    journal.write(() => {
      remove.run(id);
      const parsed = fromJson<BusEntry>(entry);
      bus.put([parsed]).catch(() => journal.write(() => add(parsed))); // refused: it waits for the next delivery
    });
  };
  return {
    add(execution) {
      if (!execution.express && execution.mapRun === undefined) add(entryOf(execution));
    },
    deliver() {
      for (const row of waiting.all()) hand(row);
    },
  };
}

function entryOf(execution: ExecutionRecord): BusEntry {
  const whole = JSON.stringify(detailOf(execution, true));
  return {
    Source: 'aws.states',
    DetailType: 'Step Functions Execution Status Change',
    Detail: whole.length <= LARGEST_DETAIL ? whole : JSON.stringify(detailOf(execution, false)),
    Resources: [execution.arn],
    Time: execution.stoppedAt ?? execution.redrivenAt ?? execution.startedAt,
  };
}

function detailOf(execution: ExecutionRecord, included: boolean): object {
  const { output } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machineArn,
    stateMachineVersionArn: execution.versionArn ?? null,
    stateMachineAliasArn: execution.aliasArn ?? null,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt,
    stopDate: execution.stoppedAt ?? null,
    input: included ? execution.input.text : null,
    inputDetails: { included },
    output: included ? (output?.text ?? null) : null,
    outputDetails: output ? { included } : null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt ?? null,
  };
}
