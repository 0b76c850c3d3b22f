import { createHash } from 'node:crypto';
import type { Item, Page } from './runs-table.ts';

/** A partition of a table as pages in its order, from the beginning or behind an item. */
export type Pages = (after: Item | undefined) => Promise<Page>;

/** Which of so many shards an id falls on, for ever: ids are spread evenly over them. */
export function shardOf(id: string, shards: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % shards;
}

/** A partition and its shards, by name. What was written before there were shards is in the first one. */
export function shardsOf(partition: string, shards: number): readonly string[] {
  return [partition, ...Array.from({ length: shards }, (_, shard) => `${partition}#${shard}`)];
}

interface Source {
  readonly pages: Pages;
  items: readonly Item[];
  /** Of the items: the next one. */
  at: number;
  after: Item | undefined;
}

/**
 * The first so many items of several partitions, as if they were one: `isBefore` is the order that each has.
 * The first pages are asked for together, further ones only where their items are needed.
 */
export async function mergedPages(
  partitions: readonly Pages[],
  { limit, isBefore }: { readonly limit: number; isBefore(a: Item, b: Item): boolean },
): Promise<Item[]> {
  const sources = await Promise.all(partitions.map((pages) => opened(pages)));
  const found: Item[] = [];
  while (found.length < limit) {
    const next = sources.reduce((best, each) => (comesFirst(each, best, isBefore) ? each : best));
    const item = next.items[next.at];
    if (item === undefined) return found;
    found.push(item);
    next.at += 1;
    await refill(next);
  }
  return found;
}

async function opened(pages: Pages): Promise<Source> {
  const { items, last } = await pages(undefined);
  const source = { pages, items, at: 0, after: last };
  await refill(source);
  return source;
}

/** Reads on where all items were taken. A page may be empty and have others behind it. */
async function refill(source: Source): Promise<void> {
  while (source.at === source.items.length && source.after !== undefined) {
    const { items, last } = await source.pages(source.after);
    [source.items, source.at, source.after] = [items, 0, last];
  }
}

function comesFirst(a: Source, b: Source, isBefore: (a: Item, b: Item) => boolean): boolean {
  const [ofA, ofB] = [a.items[a.at], b.items[b.at]];
  return ofA !== undefined && (ofB === undefined || isBefore(ofA, ofB));
}
