import { headerOf, type Request } from '../gateway/request.ts';
import { CHECKSUM_NAMES } from './checksums.ts';
import type { ObjectTraits, S3Object, WriteCondition } from './object-store.ts';
import { s3Error } from './s3-error.ts';

const KEPT = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
  'x-amz-website-redirect-location',
];
const MAX_METADATA_BYTES = 2048;

/** Headers of a put that come back with every get. */
export function keptHeaders(request: Request): Record<string, string> {
  const names = Object.keys(request.headers).filter(
    (name) => KEPT.includes(name) || name.startsWith('x-amz-meta-'),
  );
  const headers = Object.fromEntries(names.map((name) => [name, headerOf(request, name) ?? '']));
  const metadata = names.filter((name) => name.startsWith('x-amz-meta-'));
  const metadataBytes = metadata.reduce(
    (sum, name) =>
      sum + name.length - 'x-amz-meta-'.length + Buffer.byteLength(headers[name] ?? '', 'latin1'),
    0,
  );
  if (metadataBytes > MAX_METADATA_BYTES)
    throw s3Error('InvalidArgument', {
      Detail: `user metadata takes ${metadataBytes} bytes; the limit is ${MAX_METADATA_BYTES}`,
    });
  return withoutFraming({ 'content-type': 'binary/octet-stream', ...headers });
}

/** Tags as the `x-amz-tagging` header carries them. */
export function taggingHeader(request: Request): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(headerOf(request, 'x-amz-tagging') ?? ''));
}

/** The condition of a conditional write. */
export function writeCondition(request: Request): WriteCondition {
  const [ifNoneMatch, ifMatch] = [headerOf(request, 'if-none-match'), headerOf(request, 'if-match')];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw s3Error('NotImplemented', { Header: 'If-None-Match' });
  return { absent: ifNoneMatch === '*', ...(ifMatch === undefined ? {} : { etag: unquote(ifMatch) }) };
}

/**
 * Response headers of a get or head: what was kept, what the object is, and its checksums when they were
 * asked for.
 */
export function objectHeaders(object: S3Object, request: Request): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    ...overrides(request),
    ...(headerOf(request, 'x-amz-checksum-mode') === 'ENABLED' && request.headers['range'] === undefined
      ? checksumHeaders(object)
      : {}),
    ...(tagCount > 0 ? { 'x-amz-tagging-count': String(tagCount) } : {}),
    etag: quote(object.etag),
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
  };
}

/** The checksums of an object as headers. */
export function checksumHeaders({ checksums, partCount }: ObjectTraits): Record<string, string> {
  const present = CHECKSUM_NAMES.flatMap((name) =>
    checksums[name] === undefined ? [] : [[`x-amz-checksum-${name}`, checksums[name]] as const],
  );
  return present.length === 0
    ? {}
    : {
        ...Object.fromEntries(present),
        'x-amz-checksum-type': partCount === undefined ? 'FULL_OBJECT' : 'COMPOSITE',
      };
}

/** An ETag as HTTP writes it. */
export function quote(etag: string): string {
  return `"${etag}"`;
}

/** An ETag without its quotes; clients send both forms. */
export function unquote(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/** `response-content-type=…` and its kin in the query replace the stored header. */
function overrides(request: Request): Record<string, string> {
  return Object.fromEntries(
    KEPT.flatMap((name) => {
      const value = request.query.get(`response-${name}`);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** `aws-chunked` describes the request, not the object. */
function withoutFraming(headers: Record<string, string>): Record<string, string> {
  const { 'content-encoding': encoding, ...others } = headers;
  const kept = (encoding ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== 'aws-chunked');
  return kept.length === 0 ? others : { ...others, 'content-encoding': kept.join(',') };
}
