import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { ApiError, type JsonActions } from '@statebag/states';
import { XMLParser } from 'fast-xml-parser';
import type { Answer, RestService } from '../gateway/request.ts';

type Members = Readonly<Record<string, unknown>>;

/** An action as HTTP: which members stand in the query, which in headers; `Bucket` and `Key` are the path. */
interface RestForm {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Query parameters that are always there. */
  readonly marks?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const CONDITIONS = { IfMatch: 'if-match', IfNoneMatch: 'if-none-match' };
const CONTENT = {
  ContentType: 'content-type',
  ContentEncoding: 'content-encoding',
  ContentLanguage: 'content-language',
  ContentDisposition: 'content-disposition',
  CacheControl: 'cache-control',
};

/** The actions of S3 that tasks can call. */
const FORMS: Readonly<Record<string, RestForm>> = {
  ListBuckets: { method: 'GET' },
  HeadBucket: { method: 'HEAD' },
  CreateBucket: { method: 'PUT' },
  DeleteBucket: { method: 'DELETE' },
  ListObjectsV2: {
    method: 'GET',
    marks: { 'list-type': '2' },
    query: {
      Prefix: 'prefix',
      Delimiter: 'delimiter',
      MaxKeys: 'max-keys',
      ContinuationToken: 'continuation-token',
      StartAfter: 'start-after',
    },
  },
  GetObject: { method: 'GET', headers: { ...CONDITIONS, Range: 'range' } },
  HeadObject: { method: 'HEAD', headers: CONDITIONS },
  PutObject: { method: 'PUT', headers: { ...CONDITIONS, ...CONTENT } },
  DeleteObject: { method: 'DELETE', headers: { IfMatch: 'if-match' } },
  CopyObject: {
    method: 'PUT',
    headers: { ...CONTENT, CopySource: 'x-amz-copy-source', MetadataDirective: 'x-amz-metadata-directive' },
  },
  GetObjectTagging: { method: 'GET', marks: { tagging: '' } },
};

/** S3's actions by name, over the service that answers HTTP. */
export function s3Calls(serve: RestService): JsonActions {
  return Object.fromEntries(
    Object.entries(FORMS).map(([name, form]) => [name, (input) => call(form, input, serve)]),
  );
}

async function call(form: RestForm, input: Members, serve: RestService): Promise<object> {
  const body = bodyOf(input['Body']);
  const answer = await serve({
    method: form.method,
    path: pathOf(input),
    query: new Map([...Object.entries(form.marks ?? {}), ...named(input, form.query)]),
    headers: {
      'content-length': String(body.length),
      ...Object.fromEntries(named(input, form.headers)),
      ...Object.fromEntries(metadataOf(input['Metadata'])),
    },
    body: Readable.from(body.length === 0 ? [] : [body]),
    requestId: randomUUID(),
    identity: { accessKeyId: 'task', secretAccessKey: '', principal: { kind: 'owner', account: '' } },
    // the role of the machine was asked before
    rights: { require: () => {}, may: () => true },
  });
  return answerOf(form, answer);
}

/** A body that is no text is its JSON. */
function bodyOf(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function pathOf({ Bucket: bucket, Key: key }: Members): string {
  const parts = [bucket, ...(typeof key === 'string' ? key.split('/') : [])].filter(
    (part) => part !== undefined,
  );
  return `/${parts.map((part) => encodeURIComponent(String(part))).join('/')}`;
}

function named(input: Members, names: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(names).flatMap(([member, name]): [string, string][] =>
    input[member] === undefined ? [] : [[name, String(input[member])]],
  );
}

function metadataOf(metadata: unknown): [string, string][] {
  return Object.entries(typeof metadata === 'object' && metadata !== null ? metadata : {}).map(
    ([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, String(value)],
  );
}

const HEADERS: Readonly<Record<string, string>> = {
  etag: 'ETag',
  'content-type': 'ContentType',
  'content-encoding': 'ContentEncoding',
  'content-range': 'ContentRange',
  'accept-ranges': 'AcceptRanges',
};

async function answerOf({ method }: RestForm, { status, headers, body }: Answer): Promise<object> {
  const text = method === 'HEAD' ? '' : await textOf(body);
  if (status >= 300) throw new ApiError('S3', text || `status ${status}`, { status });
  if (headers['content-type'] === 'application/xml') return documentOf(text);
  const told = Object.entries(headers).flatMap(([name, value]) =>
    HEADERS[name] === undefined ? [] : [[HEADERS[name], value] as const],
  );
  const isObject = headers['last-modified'] !== undefined;
  return {
    ...Object.fromEntries(told),
    ...(isObject && { ContentLength: Number(headers['content-length'] ?? Buffer.byteLength(text)) }),
    ...(isObject && { LastModified: new Date(headers['last-modified'] ?? '').toISOString() }),
    ...(isObject && { Metadata: keptMetadata(headers) }),
    ...(isObject && method === 'GET' && { Body: text }),
  };
}

async function textOf(body: Answer['body']): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? '';
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : readText(body);
}

function keptMetadata(headers: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = 'x-amz-meta-';
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  );
}

/** Elements that are lists, also where there is one of them. */
const LISTS = new Set(['Contents', 'CommonPrefixes', 'Bucket', 'Tag']);
const NUMBERS = new Set(['Size', 'KeyCount', 'MaxKeys']);
const parser = new XMLParser({
  ignoreAttributes: true,
  isArray: (name) => LISTS.has(name),
  parseTagValue: false,
});

function documentOf(text: string): object {
  const [document] = Object.values(typedMembers(parser.parse(text))).filter(isStructure);
  const { Buckets: buckets, TagSet: tags, ...members } = Object(document ?? {});
  return {
    ...members,
    ...(buckets !== undefined && { Buckets: Object(buckets)['Bucket'] ?? [] }),
    ...(tags !== undefined && { TagSet: Object(tags)['Tag'] ?? [] }),
  };
}

/** Everything in XML is a text. */
function typedMembers(value: object): object {
  if (Array.isArray(value)) return value.map((each) => (isStructure(each) ? typedMembers(each) : each));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      isStructure(each) ? typedMembers(each) : typedText(each, name),
    ]),
  );
}

function typedText(value: unknown, name: string): unknown {
  if (NUMBERS.has(name)) return Number(value);
  return value === 'true' || value === 'false' ? value === 'true' : value;
}

function isStructure(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
