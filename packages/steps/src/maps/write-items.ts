import { KB } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { MapItem } from '@statebag/contracts/schemas/map';
import { canonicalJson, fieldPointer, planWrite } from '@statebag/state-core';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import type { StepTools } from '@statebag/step-kit';
import type { Placed } from './open-items.ts';

/** A larger item is stored by itself: several of them would not fit a worker's event. */
const LARGEST_ITEM = 60 * KB;
/** Lines are gathered to pieces of about this size. */
const PIECE = 64 * KB;

/** A line as it was written. */
export interface WrittenLine {
  readonly index: number;
  readonly bytes: number;
}

export interface WrittenItems {
  readonly count: number;
  /** The first lines: all of them where there are few. */
  readonly lines: readonly WrittenLine[];
}

interface Writing {
  readonly uri: S3Uri;
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
  /** So many lines are told of. */
  readonly toldOf: number;
  /** Called with every count; throws where it is too many. */
  readonly refuseMore: (count: number) => void;
}

/**
 * Writes items one a line as they come. The same items are the same bytes: a second writer finds what it
 * wanted to write.
 */
export async function writeItems(
  items: AsyncIterable<Placed>,
  { uri, streams, ...writing }: Writing,
): Promise<WrittenItems> {
  const written = { count: 0, lines: [] as WrittenLine[] };
  await streams.write(uri, inPieces(linesFor(items, writing, written)), 'json');
  return written;
}

async function* linesFor(
  items: AsyncIterable<Placed>,
  { tools, toldOf, refuseMore }: Pick<Writing, 'tools' | 'toldOf' | 'refuseMore'>,
  written: { count: number; lines: WrittenLine[] },
): AsyncGenerator<Buffer> {
  for await (const item of items) {
    const line = Buffer.from(`${canonicalJson(await lineFor(item, tools))}\n`);
    written.count += 1;
    refuseMore(written.count);
    if (written.count <= toldOf) written.lines.push({ index: item.index, bytes: line.length });
    yield line;
  }
}

async function lineFor({ index, content }: Placed, { session, plan }: StepTools): Promise<MapItem> {
  // a pointer of an earlier try is one of ours
  if ('pointer' in content || Buffer.byteLength(JSON.stringify(content.item)) <= LARGEST_ITEM)
    return { index, ...content } as MapItem;
  const write = planWrite(content.item, 'blobs', plan);
  await session.store.put(write.uri, write.object);
  return { index, pointer: fieldPointer(write, plan.now) };
}

async function* inPieces(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const line of lines) {
    held.push(line);
    bytes += line.length;
    if (bytes < PIECE) continue;
    yield Buffer.concat(held);
    [held, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(held);
}
