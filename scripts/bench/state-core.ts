import { createHash } from 'node:crypto';
import { accept, type Json, type JsonObject } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { SyncEvent } from '@statebag/contracts/schemas/actions';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { validateSyncEvent } from '@statebag/contracts/validators';
import { universalSyncCore } from '@statebag/state-core';
import { aBag, aResult, aRun, idFor, textOf } from '@statebag/state-core/testing';
import { type BenchRow, median } from './bench-row.ts';
import { compareWithMiddyStore } from './middy-store.ts';

const STATE_BYTES = 100 * 1_024;
const DELTA = textOf(5_000, 42);
const ROUNDS = 400;
const REFERENCE = 'structuredClone + stringify + SHA-256 of everything';
/** Nothing leaves: what merging and sealing alone cost. */
const ALL_INLINE = { ...THRESHOLDS, inlineState: 120_000, wholeState: 120_000, field: 120_000 };

/** Merging alone spares little where nothing leaves: both parse the event and write the reply. */
const INLINE_TARGET = 1.2;
const INLINE_REASON =
  'four fifths of the time go into parsing the event and writing and measuring the reply, which the reference does too; a deployment keeps 12 KB inline, see docs/decisions/0005-sync-core.md';

type Candidate = () => Promise<string> | string;

/** Event text to reply text, freshly parsed each time: a delta of 5 KB on a state of 100 KB. */
export async function suite(): Promise<BenchRow[]> {
  const inline: BenchRow[] = [];
  for (const fields of [10, 100, 1_000]) inline.push(await inlineRow(fields));
  return [...inline, ...(await pointerRows()), ...(await compareWithMiddyStore())];
}

async function inlineRow(fields: number): Promise<BenchRow> {
  const run = aRun(undefined, ALL_INLINE);
  const event = eventFor(await aBag(stateOf(fields), run));
  const sync = oursWith(run);
  const [ours, reference] = await timesOf([() => sync(event), () => cloneEverything(event)]);
  const ratio = reference / ours;
  const figures = row({
    figure: `sync, 100 KB inline in ${fields.toLocaleString('en')} fields`,
    ours,
    reference,
    ratio,
    target: `>= ${INLINE_TARGET}x as fast`,
    holds: ratio >= INLINE_TARGET,
  });
  return { ...figures, known_reason: INLINE_REASON };
}

/**
 * As deployed: untouched fields lie in the store, the reference carries the same state inline. Then ten times
 * as much of it.
 */
async function pointerRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const fields of [10, 100, 1_000]) rows.push(await deployedRow(fields));
  const [small, large] = await timesOf([
    await deployed(100, STATE_BYTES),
    await deployed(100, 10 * STATE_BYTES),
  ]);
  const ratio = large / small;
  const flat = row({
    figure: 'sync, 1 MB in 100 fields, default thresholds',
    ours: large,
    reference: small,
    ratio,
    target: '<= 1.5x (flat)',
    holds: ratio <= 1.5,
  });
  return [...rows, { ...flat, reference_name: 'ours with 100 KB' }];
}

async function deployedRow(fields: number): Promise<BenchRow> {
  const everything = eventFor(await aBag(stateOf(fields), aRun(undefined, ALL_INLINE)));
  const [ours, reference] = await timesOf([
    await deployed(fields, STATE_BYTES),
    () => cloneEverything(everything),
  ]);
  const ratio = reference / ours;
  const figure = `sync, 100 KB in ${fields.toLocaleString('en')} fields, default thresholds`;
  return row({ figure, ours, reference, ratio, target: '>= 2x as fast', holds: ratio >= 2 });
}

async function deployed(fields: number, bytes: number): Promise<Candidate> {
  const run = aRun();
  const event = eventFor(await aBag(stateOf(fields, bytes), run));
  const sync = oursWith(run);
  return () => sync(event);
}

function row(
  figures: Pick<BenchRow, 'figure' | 'ours' | 'reference' | 'ratio' | 'target' | 'holds'>,
): BenchRow {
  return { ...figures, unit: 'ms', reference_name: figures.reference === null ? null : REFERENCE };
}

/** Fields as workflows have them: lists of records, texts and numbers mixed. */
function stateOf(fields: number, bytes = STATE_BYTES): JsonObject {
  const each = Math.floor(bytes / fields);
  return Object.fromEntries(
    Array.from({ length: fields }, (_, index) => [
      `field-${index}`,
      each < 200 ? smallRecord(index) : records(each, index),
    ]),
  );
}

function smallRecord(index: number): JsonObject {
  return {
    id: `T-${index}`,
    urgency: index % 3 ? 'low' : 'high',
    score: index / 7,
    open: index % 2 === 0,
    note: 'asked again',
  };
}

function records(bytes: number, seed: number): Json {
  const list: Json[] = [];
  for (let size = 0; size < bytes; size += 256)
    list.push({
      ...smallRecord(seed + list.length),
      subject: textOf(40, seed),
      answer: textOf(90, list.length),
      tags: ['export', 'eu'],
    });
  return list;
}

function eventFor(bag: StateBag): string {
  const { status, delta, usage } = aResult(bag, [{ op: 'set', field: 'answer', value: DELTA }]);
  const execution_result = {
    status,
    result_id: idFor(bag),
    delta,
    next_segment_to_run: bag.segment_to_run,
    new_history_logs: [],
    error_info: null,
    branches: null,
    segment_type: 'llm',
    usage,
    cursor: null,
    wait_until: null,
    request: null,
  };
  return JSON.stringify({
    action: 'sync',
    state_data: bag,
    execution_result,
    now: bag.start_time,
    retry_count: 0,
  });
}

function oursWith({ context }: ReturnType<typeof aRun>): (text: string) => Promise<string> {
  return async (text) => {
    const { state_data, execution_result } = accept<SyncEvent>(validateSyncEvent, JSON.parse(text), 'event');
    const { envelope } = await universalSyncCore(
      state_data,
      aResult(state_data, execution_result.delta, { result_id: execution_result.result_id }),
      context,
    );
    return JSON.stringify(envelope);
  };
}

function cloneEverything(text: string): string {
  const { state_data, execution_result } = JSON.parse(text) as SyncEvent; // written by eventFor
  const bag = structuredClone(state_data) as unknown as {
    current_state: Record<string, unknown>;
    payload_size_kb: number;
    checksum: string;
  };
  for (const operation of execution_result.delta as { field: string; value: unknown }[])
    bag.current_state[operation.field] = operation.value;
  const everything = JSON.stringify(bag);
  bag.payload_size_kb = Math.ceil(Buffer.byteLength(everything) / 1_024);
  bag.checksum = createHash('sha256').update(everything).digest('hex');
  return JSON.stringify({ state_data: bag, next_action: 'CONTINUE' });
}

/** Medians, the candidates taking turns so that both meet the same machine. */
async function timesOf<const Candidates extends readonly Candidate[]>(
  candidates: Candidates,
): Promise<{ [Index in keyof Candidates]: number }> {
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, candidate] of candidates.entries()) {
      const from = performance.now();
      await candidate();
      if (round >= ROUNDS / 4) times[index]?.push(performance.now() - from);
    }
  }
  return times.map(median) as { [Index in keyof Candidates]: number }; // one median per candidate
}
