import type { ChunkOutcomes, ChunkReply, ItemOutcome, JsonObject, ProcessChunkEvent, Usage } from '@statebag/contracts';
import { validateProcessChunkEvent } from '@statebag/contracts/validators';
import { addUsage, byteSizeOf, fieldPointer, NO_USAGE, type ObjectStreams, planWrite, type StoreCounts, shortened } from '@statebag/state-core';
import type { Finished, Step, StepTools } from '@statebag/step-kit';
import { mapNodeOf, type PlacedItem, readsOfBody, runItems, type SegmentDefinition } from '@statebag/workflow';
import { ledgerOf, type Outside } from '../execute-segment/step.ts';
import { segmentOfMap } from '../prepare-distributed-execution/segment-of-map.ts';
import { itemsOfChunk } from './items-of-chunk.ts';

/** Enough to tell what happened. */
const MESSAGE_BYTES = 1_024;
/** Tries that the state machine makes after the first one. */
const RETRIES = 3;

export interface ChunkDeps extends Outside {
  readonly streams: (counts: StoreCounts) => ObjectStreams;
}

interface Read {
  readonly segment: SegmentDefinition;
  /** What the items are worked on with. */
  readonly state: JsonObject;
  readonly items: readonly PlacedItem[];
  /** What an invocation whose time was over has left. */
  readonly before: ChunkOutcomes;
}

/** Runs some items of a map, and keeps what each came to. One that fails does not fail the others. */
export function processSegmentChunk({ streams, ...outside }: ChunkDeps): Step<ProcessChunkEvent, Read, Worked, ChunkReply> {
  return {
    event: validateProcessChunkEvent,
    reader: ({ batch: { owner_id, execution_id, definition_id } }) => ({ owner_id, execution_id, definition_id }),
    facts: ({ batch: { execution_id, segment_id, branch_path, loop_counter } }) => ({
      execution_id,
      action: 'map_chunk',
      segment_id,
      branch_path,
      loop_counter,
    }),
    now: ({ now }) => now,
    async reads({ batch, items }, tools) {
      const segment = await segmentOfMap(batch, tools);
      const node = mapNodeOf(segment, batch.request.node_id);
      const [state, placed, before] = await Promise.all([
        tools.session.hydrator.fields(batch.current_state, readsOfBody(node)),
        itemsOfChunk(items, { tools, streams: streams(tools.session.counts) }),
        outcomesBefore(batch.previous, tools),
      ]);
      return { segment, state, items: placed, before };
    },
    run: (event, read, tools) => workedOn(event, read, { tools, outside }),
    finish: (_event, worked, tools) => kept(worked, tools),
  };
}

async function outcomesBefore(previous: ChunkReply | null, { session }: StepTools): Promise<ChunkOutcomes> {
  if (previous === null) return { schema_version: 1, chunk_id: '', outcomes: [], usage: NO_USAGE };
  return (await session.hydrator.object(previous)) as ChunkOutcomes; // its hash was checked: it is what this function wrote
}

/** Outcomes so far, and how many items there are in all. */
interface Worked {
  readonly chunk: ChunkOutcomes;
  readonly first: number;
  readonly total: number;
}

type Kept = { readonly value: JsonObject[string] } | { readonly pointer: ReturnType<typeof fieldPointer> };

async function workedOn(event: ProcessChunkEvent, { segment, state, items, before }: Read, { tools, outside }: { tools: StepTools; outside: Outside }) {
  const { batch, now, retry_count } = event;
  const { node_id, loop } = batch.request;
  const ledger = ledgerOf({ branch_path: batch.branch_path, now }, tools, outside.mayCall);
  const done = new Set(before.outcomes.map(({ index }) => index));
  const deadline = Date.now() + tools.deadline.remainingMs();
  const map = { segment, node_id, loop, state, run: { ...batch, now }, deadline, clock: Date.now, ledger, ...outside };
  const work = { isLastTry: retry_count >= RETRIES, keep: (value: JsonObject[string]) => keptValue(value, tools) };
  try {
    const rest = items.filter(({ index }) => !done.has(index));
    const { ends, usage } = rest.length === 0 ? { ends: [], usage: NO_USAGE } : await runItems<Kept>(map, rest, work);
    tools.tally.llm = usage;
    return worked(items, before, { outcomes: ends.map(outcomeOf), usage });
  } finally {
    tools.tally.ledger = ledger.counts();
  }
}

function worked(items: readonly PlacedItem[], before: ChunkOutcomes, { outcomes, usage }: { outcomes: readonly ItemOutcome[]; usage: Usage }): Worked {
  const first = items[0]?.index ?? 0;
  const chunk = { schema_version: 1, chunk_id: String(first), outcomes: [...before.outcomes, ...outcomes], usage: addUsage(before.usage, usage) } as const;
  return { chunk, first, total: items.length };
}

function outcomeOf(end: Awaited<ReturnType<typeof runItems<Kept>>>['ends'][number]): ItemOutcome {
  if ('kept' in end) return { index: end.index, status: 'SUCCEEDED', ...end.kept };
  return { index: end.index, status: 'FAILED', error: { ...end.error, message: shortened(end.error.message, MESSAGE_BYTES) } };
}

/** A large value is stored at once: a worker must not hold those of all its items. */
async function keptValue(value: JsonObject[string], { session, plan }: StepTools): Promise<Kept> {
  if (byteSizeOf(value) <= plan.thresholds.field) return { value };
  const write = planWrite(value, 'blobs', plan);
  await session.store.put(write.uri, write.object);
  return { pointer: fieldPointer(write, plan.now) };
}

async function kept({ chunk, first, total }: Worked, { session, plan }: StepTools): Promise<Finished<ChunkReply>> {
  const write = planWrite(chunk, 'map', plan);
  await session.store.put(write.uri, write.object);
  const failed = chunk.outcomes.filter(({ status }) => status === 'FAILED').length;
  const reply = {
    chunk_id: chunk.chunk_id,
    status: chunk.outcomes.length < total ? ('CONTINUE' as const) : ('COMPLETE' as const),
    execution_order: first,
    s3_path: write.uri,
    sha256: write.sha256,
    counts: { total, succeeded: chunk.outcomes.length - failed, failed },
  };
  return { reply, sizes: { bag_bytes: 0, control_plane_bytes: 0 } };
}
