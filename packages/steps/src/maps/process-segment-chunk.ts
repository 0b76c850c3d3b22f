import { type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { confine, confineTo } from '@statebag/contracts/object-keys';
import type { Usage } from '@statebag/contracts/schemas/history';
import type {
  ChunkOutcomes,
  ChunkReply,
  ItemOutcome,
  MapItem,
  MapSlice,
  ProcessChunkEvent,
} from '@statebag/contracts/schemas/map';
import { validateMapItem, validateProcessChunkEvent } from '@statebag/contracts/validators';
import { byteSizeOf, fieldPointer, planWrite } from '@statebag/state-core';
import { shortened } from '@statebag/state-core/core/shortened';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { linesOf, valuesOf } from '@statebag/state-core/store/read-pieces';
import { readVerified } from '@statebag/state-core/store/read-verified';
import { plainStep, type Step, type StepTools } from '@statebag/step-kit';
import {
  mapNodeOf,
  type PlacedItem,
  readsOfBody,
  runItems,
  type SegmentDefinition,
} from '@statebag/workflow';
import { ledgerOf, type Outside, ownWays, placeFacts, segmentOfMap } from '../execute-segment.ts';

/** Enough to tell what happened. */
const MESSAGE_BYTES = 1_024;

export interface ChunkDeps extends Outside {
  readonly streams: (counts: StoreCounts) => ObjectStreams;
}

/** Runs some items of a map, and keeps what each came to. One that fails does not fail the others. */
export function processSegmentChunk(outside: ChunkDeps): Step<ChunkReply> {
  return plainStep<ProcessChunkEvent, ChunkReply>({
    event: validateProcessChunkEvent,
    facts: ({ batch }) => placeFacts('map_chunk', batch),
    async run(event, invocation) {
      const { owner_id, execution_id, definition_id } = event.batch;
      const tools = invocation.open({ owner_id, execution_id, definition_id, now: event.now });
      const read = await readChunk(event, { tools, streams: outside.streams(tools.session.counts) });
      const worked = await workedOn(event, read, { tools, outside });
      return kept(worked, tools);
    },
  });
}

interface Read {
  readonly segment: SegmentDefinition;
  /** What the items are worked on with. */
  readonly state: JsonObject;
  readonly items: readonly PlacedItem[];
  /** What an invocation whose time was over has left. */
  readonly before: ChunkOutcomes;
}

interface Reading {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

async function readChunk({ batch, items }: ProcessChunkEvent, reading: Reading): Promise<Read> {
  const { tools } = reading;
  const segment = await segmentOfMap(batch, tools);
  const node = mapNodeOf(segment, batch.request.node_id);
  const [state, placed, before] = await Promise.all([
    tools.session.hydrator.workingFields(batch, readsOfBody(node)),
    itemsOfChunk(items, reading),
    outcomesBefore(batch.previous, tools),
  ]);
  return { segment, state, items: placed, before };
}

/**
 * The items of a chunk: those of the event, or the lines it points to. Large ones are loaded when their turn
 * comes.
 */
async function itemsOfChunk(
  items: ProcessChunkEvent['items'],
  { tools, streams }: Reading,
): Promise<PlacedItem[]> {
  const lines = 's3_path' in items ? await linesOfSlice(items, { tools, streams }) : items;
  return lines.map((line) => ({ index: line.index, item: () => itemOf(line, tools) }));
}

/** @throws `Store.ObjectCorrupt` where the slice has other lines than were written, or fewer */
async function linesOfSlice(slice: MapSlice, { tools, streams }: Reading): Promise<MapItem[]> {
  const uri = confineTo(['map'], slice.s3_path, tools.plan.location);
  const { body } = await streams.open(uri, slice);
  const lines: MapItem[] = [];
  for await (const line of valuesOf(linesOf(body), uri)) {
    if (!validateMapItem(line)) throw damaged(uri, `line ${lines.length} of a slice is no item of a map`);
    lines.push(line as MapItem); // the validator says so
  }
  if (lines.length === slice.count) return lines;
  throw damaged(uri, `a slice has ${lines.length} lines; ${slice.count} were written`);
}

function damaged(uri: string, what: string): StatebagError {
  return new StatebagError('Store.ObjectCorrupt', `${uri}: ${what}`);
}

/** Read past the caches of the invocation: many large items would fill its memory. */
async function itemOf(line: MapItem, { session, plan }: StepTools): Promise<Json> {
  if ('item' in line) return line.item;
  const uri = confine(line.pointer.s3_path, plan.location);
  return (await readVerified({ uri, sha256: line.pointer.sha256 }, session)).value;
}

async function outcomesBefore(previous: ChunkReply | null, { session }: StepTools): Promise<ChunkOutcomes> {
  if (previous === null) return { schema_version: 1, chunk_id: '', outcomes: [], usage: NO_USAGE };
  // its hash was checked: it is what this function wrote
  return (await session.hydrator.object(previous, ['map'])) as ChunkOutcomes;
}

/** Outcomes so far, and how many items there are in all. */
interface Worked {
  readonly chunk: ChunkOutcomes;
  readonly first: number;
  readonly total: number;
}

type Kept = { readonly value: JsonObject[string] } | { readonly pointer: ReturnType<typeof fieldPointer> };

async function workedOn(
  event: ProcessChunkEvent,
  { segment, state, items, before }: Read,
  { tools, outside }: { tools: StepTools; outside: Outside },
) {
  const { mayCall, mayGoOn, streams, onCall, instead, asRecorded: _, ...others } = outside;
  const { clock = Date.now, ownersDay, ...ways } = others;
  const { batch, now, last_try = false } = event;
  const { node_id, loop } = batch.request;
  const ledger = ledgerOf({ branch_path: batch.branch_path, now }, tools, { mayCall, onCall, instead });
  const done = new Set(before.outcomes.map(({ index }) => index));
  const deadline = clock() + tools.deadline.remainingMs();
  const map = {
    segment,
    node_id,
    loop,
    state,
    run: { ...batch, now },
    deadline,
    clock,
    ledger,
    ...ownWays(tools, { streams, mayGoOn, ownersDay }),
    ...ways,
  };
  const work = {
    isLastTry: last_try,
    keep: (value: JsonObject[string]) => keptValue(value, tools),
  };
  try {
    const rest = items.filter(({ index }) => !done.has(index));
    const { ends, usage } =
      rest.length === 0 ? { ends: [], usage: NO_USAGE } : await runItems<Kept>(map, rest, work);
    tools.tally.llm = usage;
    return worked(items, before, { outcomes: ends.map(outcomeOf), usage });
  } finally {
    tools.tally.ledger = ledger.counts();
  }
}

function worked(
  items: readonly PlacedItem[],
  before: ChunkOutcomes,
  { outcomes, usage }: { outcomes: readonly ItemOutcome[]; usage: Usage },
): Worked {
  const first = items[0]?.index ?? 0;
  const chunk = {
    schema_version: 1,
    chunk_id: String(first),
    outcomes: [...before.outcomes, ...outcomes],
    usage: addUsage(before.usage, usage),
  } as const;
  return { chunk, first, total: items.length };
}

function outcomeOf(end: Awaited<ReturnType<typeof runItems<Kept>>>['ends'][number]): ItemOutcome {
  if ('kept' in end) return { index: end.index, status: 'SUCCEEDED', ...end.kept };
  return {
    index: end.index,
    status: 'FAILED',
    error: { ...end.error, message: shortened(end.error.message, MESSAGE_BYTES) },
  };
}

/** A large value is stored at once: a worker must not hold those of all its items. */
async function keptValue(value: JsonObject[string], { session, plan }: StepTools): Promise<Kept> {
  if (byteSizeOf(value) <= plan.thresholds.field) return { value };
  const write = planWrite(value, 'blobs', plan);
  await session.store.put(write.uri, write.object);
  return { pointer: fieldPointer(write, plan.now) };
}

async function kept({ chunk, first, total }: Worked, { session, plan }: StepTools): Promise<ChunkReply> {
  const write = planWrite(chunk, 'map', plan);
  await session.store.put(write.uri, write.object);
  const failed = chunk.outcomes.filter(({ status }) => status === 'FAILED').length;
  return {
    chunk_id: chunk.chunk_id,
    status: chunk.outcomes.length < total ? 'CONTINUE' : 'COMPLETE',
    execution_order: first,
    s3_path: write.uri,
    sha256: write.sha256,
    counts: { total, succeeded: chunk.outcomes.length - failed, failed },
  };
}
