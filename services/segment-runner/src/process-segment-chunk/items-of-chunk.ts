import { accept, confine, type Json, type MapItem, type ProcessChunkEvent } from '@statebag/contracts';
import { validateMapItem } from '@statebag/contracts/validators';
import { linesOf, type ObjectStreams, readVerified } from '@statebag/state-core';
import type { StepTools } from '@statebag/step-kit';
import type { PlacedItem } from '@statebag/workflow';

interface Reading {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

/** The items of a chunk: those of the event, or the lines it points to. Large ones are loaded when their turn comes. */
export async function itemsOfChunk(items: ProcessChunkEvent['items'], { tools, streams }: Reading): Promise<PlacedItem[]> {
  const lines: MapItem[] = [];
  if ('s3_path' in items) {
    const { body } = await streams.open(confine(items.s3_path, tools.plan.location), items);
    for await (const line of linesOf(body)) lines.push(accept(validateMapItem, JSON.parse(line), 'line of a map'));
  } else lines.push(...items);
  return lines.map((line) => ({ index: line.index, item: () => itemOf(line, tools) }));
}

/** Read past the caches of the invocation: many large items would fill its memory. */
async function itemOf(line: MapItem, { session, plan }: StepTools): Promise<Json> {
  if ('item' in line) return line.item;
  const uri = confine(line.pointer.s3_path, plan.location);
  return (await readVerified({ uri, sha256: line.pointer.sha256 }, session)).value;
}
