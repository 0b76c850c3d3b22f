import type { Payload } from '../language/payload.ts';
import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { BusEntry, EventBus, KeptText } from '../ports/services.ts';
import type { ExecutionRecord } from '../program/execution.ts';

/** EventBridge takes no larger entry. */
const LARGEST_DETAIL = 240_000;

/**
 * The service's own events about executions. One is told exactly once, whenever the process dies: the bus
 * records it in the step of the journal that it tells of. One that the bus refuses waits in an outbox.
 */
export interface StatusEvents {
  /** Part of a step of the journal. */
  tell(execution: ExecutionRecord): void;
  /** Hands over what waits. */
  deliver(): void;
}

/** An event as it waits, should the bus refuse it. What the journal has of its execution is put in when it is handed over. */
interface Waiting {
  readonly execution: number;
  readonly entry: Omit<BusEntry, 'Detail'>;
  readonly detail: StatusDetail;
}

type Texts = Pick<ExecutionRecord, 'input' | 'output'>;

export function statusEvents(
  journal: Journal,
  bus: EventBus,
  textsOf: (execution: number) => Texts | undefined,
): StatusEvents {
  const insert = prepare(journal.db, 'INSERT INTO states_outbox (entry) VALUES (?)');
  const waiting = prepare<{ id: number; entry: string }>(
    journal.db,
    'SELECT id, entry FROM states_outbox ORDER BY id',
  );
  const remove = prepare(journal.db, 'DELETE FROM states_outbox WHERE id = ?');

  let somethingWaits = true; // of an earlier process
  const put = (whole: BusEntry, refused: () => string): void => {
    bus.put([whole]).catch(() => {
      journal.write(() => void insert.run(refused()));
      somethingWaits = true;
    });
  };
  const hand = ({ id, entry }: { id: number; entry: string }): void => {
    journal.write(() => {
      remove.run(id);
      const written = fromJson<Waiting | BusEntry>(entry);
      put('execution' in written ? entryOf(written, textsOf(written.execution)) : written, () => entry);
    });
  };
  const deliver = (): void => {
    if (!somethingWaits) return;
    somethingWaits = false;
    for (const row of waiting.all()) hand(row);
  };
  return {
    tell(execution) {
      if (execution.express || execution.mapRun !== undefined) return;
      deliver();
      const event = waitingOf(execution);
      put(entryOf(event, execution), () => JSON.stringify(event));
    },
    deliver,
  };
}

function waitingOf(execution: ExecutionRecord): Waiting {
  const entry = {
    Source: 'aws.states',
    DetailType: 'Step Functions Execution Status Change',
    Resources: [execution.arn],
    Time: execution.stoppedAt ?? execution.redrivenAt ?? execution.startedAt,
  };
  return { execution: execution.id, entry, detail: detailOf(execution) };
}

/** The whole event; without its texts where they are too large, or the execution was removed meanwhile. */
function entryOf({ entry, detail }: Waiting, texts: Texts | undefined): BusEntry {
  const whole = texts && JSON.stringify(completed(detail, texts));
  if (whole === undefined || whole.length > LARGEST_DETAIL)
    return { ...entry, Detail: JSON.stringify(detail) };
  return { ...entry, Detail: whole, kept: [texts?.input, texts?.output].flatMap(keptText) };
}

/** Short ones stand in the rows that name them. */
function keptText(payload: Payload | undefined): readonly KeptText[] {
  return payload?.stored === undefined ? [] : [{ name: `@${payload.stored}`, text: payload.text }];
}

interface StatusDetail extends ReturnType<typeof factsOf> {
  readonly input: string | null;
  readonly inputDetails: { readonly included: boolean };
  readonly output: string | null;
  readonly outputDetails: { readonly included: boolean } | null;
}

/** An execution may have ended by the time its beginning is told. */
function completed(detail: StatusDetail, { input, output }: Texts): StatusDetail {
  const inputDetails = { included: true };
  const told = { ...detail, input: input.text, inputDetails };
  if (!detail.outputDetails) return told;
  return { ...told, output: output?.text ?? null, outputDetails: inputDetails };
}

/** What is told of an execution, without its texts. */
function detailOf(execution: ExecutionRecord): StatusDetail {
  return {
    ...factsOf(execution),
    input: null,
    inputDetails: { included: false },
    output: null,
    outputDetails: execution.output ? { included: false } : null,
  };
}

function factsOf(execution: ExecutionRecord) {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machineArn,
    stateMachineVersionArn: execution.versionArn ?? null,
    stateMachineAliasArn: execution.aliasArn ?? null,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt,
    stopDate: execution.stoppedAt ?? null,
    error: execution.error ?? null,
    cause: execution.cause ?? null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrivenAt ?? null,
  };
}
