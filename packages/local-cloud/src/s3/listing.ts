import type { ObjectStore, S3Object } from './object-store.ts';

export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Keys and common prefixes up to and including this one are left out. */
  readonly after: string;
}

export interface Page {
  readonly objects: readonly S3Object[];
  readonly prefixes: readonly string[];
  readonly truncated: boolean;
  /** The last key or common prefix of the page: where the next one goes on. */
  readonly last: string;
}

/** Sorts behind every key that begins with the prefix before it. */
const BEYOND = '\u{10FFFF}';

/** One page of a bucket in UTF-8 order, keys that share the part up to the delimiter folded into one common prefix. */
export function listPage(store: ObjectStore, bucket: string, query: ListQuery): Page {
  const objects: S3Object[] = [];
  const prefixes: string[] = [];
  let last = '';
  for (const entry of entriesOf(store, bucket, query)) {
    if (objects.length + prefixes.length >= query.maxKeys) return { objects, prefixes, truncated: query.maxKeys > 0, last };
    if (typeof entry === 'string') prefixes.push(entry);
    else objects.push(entry);
    last = typeof entry === 'string' ? entry : entry.key;
  }
  return { objects, prefixes, truncated: false, last };
}

function* entriesOf(store: ObjectStore, bucket: string, { prefix, delimiter, after }: ListQuery): Generator<S3Object | string> {
  let folded = delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter) ? after : undefined;
  let from = folded === undefined ? after : folded + BEYOND;
  for (;;) {
    const next: string | undefined = yield* entriesToNextPrefix(store.scan(bucket, { after: from, atLeast: prefix }), { prefix, delimiter, folded });
    if (next === undefined) return;
    folded = next;
    from = next + BEYOND;
  }
}

/** Yields up to and including the next common prefix and returns it, so that the scan can jump over the keys it folds. */
function* entriesToNextPrefix(
  objects: Iterable<S3Object>,
  { prefix, delimiter, folded }: { prefix: string; delimiter: string; folded: string | undefined },
): Generator<S3Object | string, string | undefined> {
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) return undefined;
    const common = commonPrefix(object.key, prefix, delimiter);
    if (common === undefined) yield object;
    else if (common !== folded) {
      yield common;
      return common;
    }
  }
  return undefined;
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
