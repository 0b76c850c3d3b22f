import { type Json, StatebagError } from '@statebag/contracts';
import { confine, type S3Uri, uploadUri } from '@statebag/contracts/object-keys';
import type { PrepareDistributedEvent } from '@statebag/contracts/schemas/events';
import type { MapRecord } from '@statebag/contracts/schemas/map';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { linesOf, valuesOf } from '@statebag/state-core/store/read-pieces';
import type { StepTools } from '@statebag/step-kit';
import type { MapSource } from '@statebag/workflow';
import { itemsOfUpload } from './read-upload.ts';

/** A line of a list of items that has not been written yet, or that an earlier try has written. */
export interface Placed {
  readonly index: number;
  /** The item, or the pointer to it. */
  readonly content: { readonly item: Json } | { readonly pointer: Json };
}

/** The items of a map as they come. */
export interface OpenItems {
  readonly items: AsyncIterable<Placed>;
  /** Of the whole list, where that is known before the items have come. */
  readonly total: number | undefined;
  /** What the items are made of beyond the run's own state: another content is another map. */
  readonly version: string | null;
}

/** Items that the node lists. */
export async function openSource(
  source: MapSource,
  { owner_id }: PrepareDistributedEvent,
  { tools, streams }: Reading,
): Promise<OpenItems> {
  if (source.kind === 'items')
    return { items: placed(source.items), total: source.items.length, version: null };
  const { location } = tools.plan;
  const uri = confine(uploadUri(location.bucket, owner_id, source.name), { ...location, uploads: true });
  const { body, etag } = await streams.open(uri);
  return { items: placed(itemsOfUpload(source.name, body)), total: undefined, version: etag };
}

/**
 * Items that failed in an earlier try, as that try has kept them: whatever has become of the state or the
 * upload since.
 */
export async function openFailed(
  retryOf: NonNullable<PrepareDistributedEvent['request']['retry_of']>,
  { tools, streams }: Reading,
): Promise<OpenItems> {
  // its hash was checked: the aggregator wrote it
  const { total, failed_items, items_s3_path } = (await tools.session.hydrator.pointed(retryOf)) as MapRecord;
  const { body } = await streams.open(confine(items_s3_path, tools.plan.location));
  return {
    items: among(new Set(failed_items), body, items_s3_path as S3Uri),
    total,
    version: retryOf.sha256,
  };
}

interface Reading {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

async function* placed(items: Iterable<Json> | AsyncIterable<Json>): AsyncGenerator<Placed> {
  let index = 0;
  for await (const item of items) yield { index: index++, content: { item } };
}

async function* among(
  wanted: ReadonlySet<number>,
  body: AsyncIterable<Uint8Array>,
  uri: S3Uri,
): AsyncGenerator<Placed> {
  let found = 0;
  for await (const line of valuesOf(linesOf(body), uri)) {
    const { index, ...content } = line as unknown as { readonly index: number } & Placed['content']; // this function's own lines
    if (!wanted.has(index)) continue;
    found += 1;
    yield { index, content };
  }
  if (found < wanted.size)
    throw new StatebagError(
      'Store.ObjectCorrupt',
      `${uri} has ${found} of the ${wanted.size} items that failed`,
    );
}
