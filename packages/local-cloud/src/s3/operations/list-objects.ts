import type { Answer, Request } from '../../gateway/request.ts';
import type { Operation, S3Context, S3Request } from '../context.ts';
import { type ListQuery, listPage, type Page } from '../listing.ts';
import { quote } from '../object-headers.ts';
import { s3Error } from '../s3-error.ts';
import { renderXml, type XmlElement } from '../xml.ts';

const MAX_KEYS = 1000;

/** ListObjectsV2: pages by an opaque continuation token. */
export const listObjectsV2: Operation = async (request, context) => {
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get('start-after');
  const { page, query, encode } = list(request, context, token === undefined ? (startAfter ?? '') : fromToken(token));
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

interface Listed {
  readonly page: Page;
  readonly query: ListQuery;
  encode(text: string): string;
}

function list(request: S3Request, { store }: S3Context, after: string): Listed {
  store.requireBucket(request.bucket);
  if (!request.identity.mayListBuckets) throw s3Error('AccessDenied');
  const query = { prefix: request.query.get('prefix') ?? '', delimiter: request.query.get('delimiter') ?? '', maxKeys: maxKeysOf(request), after };
  const encode = request.query.get('encoding-type') === 'url' ? encodeKey : (text: string) => text;
  return { page: listPage(store, request.bucket, query), query, encode };
}

function maxKeysOf({ query }: Request): number {
  const text = query.get('max-keys');
  if (text === undefined || text === '') return MAX_KEYS;
  if (!/^\d+$/.test(text)) throw s3Error('InvalidArgument', { ArgumentName: 'max-keys', ArgumentValue: text });
  return Math.min(Number(text), MAX_KEYS);
}

function contents({ objects, prefixes }: Page, { query }: Request, encode: (text: string) => string): XmlElement {
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

function xmlPage(element: XmlElement): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml('ListBucketResult', element) };
}
