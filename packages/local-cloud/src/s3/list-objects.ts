import type { Answer, Request } from '../gateway/request.ts';
import type { Operation, S3Context, S3Request } from './context.ts';
import { quote } from './object-headers.ts';
import type { ObjectStore, S3Object } from './object-store.ts';
import { s3Error } from './s3-error.ts';
import { renderXml, type XmlElement } from './xml.ts';

const MAX_KEYS = 1000;

/** ListObjectsV2: pages by an opaque continuation token. */
export const listObjectsV2: Operation = async (request, context) => {
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get('start-after');
  const { page, query, encode } = list(
    request,
    context,
    token === undefined ? (startAfter ?? '') : fromToken(token),
  );
  return xmlPage({
    Name: request.bucket,
    Prefix: encode(query.prefix),
    Delimiter: query.delimiter === '' ? undefined : encode(query.delimiter),
    MaxKeys: query.maxKeys,
    KeyCount: page.objects.length + page.prefixes.length,
    IsTruncated: page.truncated,
    ContinuationToken: token,
    NextContinuationToken: page.truncated ? toToken(page.last) : undefined,
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    ...contents(page, request, encode),
  });
};

/** ListObjects, as clients from before 2016 call it: pages by the last key. */
export const listObjectsV1: Operation = async (request, context) => {
  const marker = request.query.get('marker') ?? '';
  const { page, query, encode } = list(request, context, marker);
  return xmlPage({
    Name: request.bucket,
    Prefix: encode(query.prefix),
    Marker: encode(marker),
    NextMarker: page.truncated && query.delimiter !== '' ? encode(page.last) : undefined,
    Delimiter: query.delimiter === '' ? undefined : encode(query.delimiter),
    MaxKeys: query.maxKeys,
    IsTruncated: page.truncated,
    ...contents(page, request, encode),
  });
};

/** ListObjectVersions of a bucket that keeps none: each object is its own only version, `null`. */
export const listObjectVersions: Operation = async (request, context) => {
  const marker = request.query.get('key-marker') ?? '';
  const { page, query, encode } = list(request, context, marker);
  const { Contents: objects, ...rest } = contents(page, request, encode);
  return xmlPage(
    {
      Name: request.bucket,
      Prefix: encode(query.prefix),
      KeyMarker: encode(marker),
      NextKeyMarker: page.truncated ? encode(page.last) : undefined,
      NextVersionIdMarker: page.truncated ? 'null' : undefined,
      Delimiter: query.delimiter === '' ? undefined : encode(query.delimiter),
      MaxKeys: query.maxKeys,
      IsTruncated: page.truncated,
      Version: objects.map((object) => ({ ...object, VersionId: 'null', IsLatest: true })),
      ...rest,
    },
    'ListVersionsResult',
  );
};

interface Listed {
  readonly page: Page;
  readonly query: ListQuery;
  encode(text: string): string;
}

function list(request: S3Request, { store }: S3Context, after: string): Listed {
  store.requireBucket(request.bucket);
  const query = {
    prefix: request.query.get('prefix') ?? '',
    delimiter: request.query.get('delimiter') ?? '',
    maxKeys: maxKeysOf(request),
    after,
  };
  const encode = request.query.get('encoding-type') === 'url' ? encodeKey : (text: string) => text;
  return { page: listPage(store, request.bucket, query), query, encode };
}

function maxKeysOf({ query }: Request): number {
  const text = query.get('max-keys');
  if (text === undefined || text === '') return MAX_KEYS;
  if (!/^\d+$/.test(text))
    throw s3Error('InvalidArgument', { ArgumentName: 'max-keys', ArgumentValue: text });
  return Math.min(Number(text), MAX_KEYS);
}

function contents({ objects, prefixes }: Page, { query }: Request, encode: (text: string) => string) {
  return {
    EncodingType: query.get('encoding-type'),
    Contents: objects.map((object) => ({
      Key: encode(object.key),
      LastModified: new Date(object.modifiedAt).toISOString(),
      ETag: quote(object.etag),
      Size: object.size,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

/** Slashes stay readable in listings, as S3 leaves them. */
function encodeKey(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
}

function toToken(last: string): string {
  return Buffer.from(last, 'utf8').toString('base64url');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}

function xmlPage(element: XmlElement, root = 'ListBucketResult'): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: renderXml(root, element),
  };
}

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

/**
 * One page of a bucket in UTF-8 order, keys that share the part up to the delimiter folded into one common
 * prefix.
 */
export function listPage(store: ObjectStore, bucket: string, query: ListQuery): Page {
  const objects: S3Object[] = [];
  const prefixes: string[] = [];
  let last = '';
  for (const entry of entriesOf(store, bucket, query)) {
    if (objects.length + prefixes.length >= query.maxKeys)
      return { objects, prefixes, truncated: query.maxKeys > 0, last };
    if (typeof entry === 'string') prefixes.push(entry);
    else objects.push(entry);
    last = typeof entry === 'string' ? entry : entry.key;
  }
  return { objects, prefixes, truncated: false, last };
}

function* entriesOf(
  store: ObjectStore,
  bucket: string,
  { prefix, delimiter, after }: ListQuery,
): Generator<S3Object | string> {
  let folded = delimiter !== '' && after.startsWith(prefix) && after.endsWith(delimiter) ? after : undefined;
  let from = folded === undefined ? after : folded + BEYOND;
  for (;;) {
    const next: string | undefined = yield* entriesToNextPrefix(
      store.scan(bucket, { after: from, atLeast: prefix }),
      { prefix, delimiter, folded },
    );
    if (next === undefined) return;
    folded = next;
    from = next + BEYOND;
  }
}

/**
 * Yields up to and including the next common prefix and returns it, so that the scan can jump over the keys
 * it folds.
 */
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
