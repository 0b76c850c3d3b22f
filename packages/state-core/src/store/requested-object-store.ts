import { StatebagError } from '@statebag/contracts';
import { type Encoding, type ObjectEncoding, parseS3Uri, type S3Uri } from '@statebag/contracts/object-keys';
import type { ByteRange, ObjectStore, PutOutcome, StoredObject } from './object-store.ts';

/** How S3 is told of an encoding. */
export const CONTENT_ENCODING: Readonly<Record<ObjectEncoding, string | undefined>> = {
  pack: undefined,
  json: undefined,
  'json+zstd': 'zstd',
  'json+gzip': 'gzip',
};
const ENCODING_OF: Readonly<Record<string, Encoding>> = { zstd: 'json+zstd', gzip: 'json+gzip' };

/** The ETag of an object that was put in one piece is its MD5, unless S3 encrypted it with a key of KMS. */
const SINGLE_PART = /^"?([0-9a-f]{32})"?$/;

/** Tries of a write that S3 answers with 409 because another one on the same key is under way. */
const CONFLICT_TRIES = 5;

/** An address in S3. */
interface At {
  readonly Bucket: string;
  readonly Key: string;
}

/** What the store asks of S3. Failures have a status where there was an answer: `$metadata.httpStatusCode`. */
export interface ObjectRequests {
  getObject(wanted: At & { readonly Range?: string }): Promise<{
    readonly Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined;
    readonly ContentEncoding?: string | undefined;
    readonly ETag?: string | undefined;
    readonly ServerSideEncryption?: string | undefined;
  }>;
  putObject(
    written: At & {
      readonly Body: Uint8Array;
      readonly ContentType: string;
      readonly ContentEncoding: string | undefined;
      readonly IfNoneMatch: '*';
    },
  ): Promise<unknown>;
}

/**
 * The store over requests to S3, or to anything that speaks its protocol. Whoever makes them retries what fails
 * on the way.
 */
export function requestedObjectStore(requests: ObjectRequests): ObjectStore {
  return {
    put: (uri, object) => put(requests, { uri, object, tries: CONFLICT_TRIES }),
    get: (uri, range) => get(requests, uri, range),
  };
}

interface Write {
  readonly uri: S3Uri;
  readonly object: StoredObject;
  readonly tries: number;
}

async function put(requests: ObjectRequests, { uri, object, tries }: Write): Promise<PutOutcome> {
  try {
    await requests.putObject(createOnly(uri, object));
    return 'created';
  } catch (error) {
    const status = statusOf(error);
    if (status === 412) return 'existed';
    if (status === 409 && tries > 1) return put(requests, { uri, object, tries: tries - 1 });
    throw storeError(uri, error);
  }
}

function createOnly(uri: S3Uri, { body, encoding }: StoredObject) {
  const { bucket, key } = parseS3Uri(uri);
  return {
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: encoding === 'pack' ? 'application/octet-stream' : 'application/json',
    ContentEncoding: CONTENT_ENCODING[encoding],
    IfNoneMatch: '*',
  } as const;
}

async function get(requests: ObjectRequests, uri: S3Uri, range?: ByteRange): Promise<StoredObject> {
  const { bucket, key } = parseS3Uri(uri);
  try {
    const { Body, ContentEncoding, ETag, ServerSideEncryption } = await requests.getObject({
      Bucket: bucket,
      Key: key,
      ...(range && { Range: rangeHeader(range) }),
    });
    if (!Body) throw new StatebagError('Store.Unavailable', `${uri}: the answer had no body`);
    // what the store says is the hash of the whole object
    const md5 =
      range !== undefined || ServerSideEncryption?.startsWith('aws:')
        ? undefined
        : SINGLE_PART.exec(ETag ?? '')?.[1];
    return {
      body: await Body.transformToByteArray(),
      encoding: ENCODING_OF[ContentEncoding ?? ''] ?? 'json',
      md5,
    };
  } catch (error) {
    throw storeError(uri, error);
  }
}

/** A range as HTTP writes it: both ends belong to it. */
export function rangeHeader({ offset, bytes }: ByteRange): string {
  return `bytes=${offset}-${offset + bytes - 1}`;
}

/**
 * The object that is there is not what was written: its bytes have another checksum than S3 recorded, or end
 * before the range that a pointer names. The client tells a checksum that differs by its text alone.
 */
function isDamage(status: number | undefined, error: unknown): boolean {
  return status === 416 || (error instanceof Error && error.message.startsWith('Checksum mismatch'));
}

/** Of the answer that a failure came with; nothing where there was none. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const metadata: unknown = Reflect.get(error, '$metadata');
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' ? status : undefined;
}

/**
 * An error by what it says of the object; by its status; no answer at all is a broken connection, which may
 * pass.
 */
export function storeError(uri: S3Uri, error: unknown): unknown {
  if (error instanceof StatebagError) return error;
  const status = statusOf(error);
  const message = `${uri}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  if (isDamage(status, error)) return new StatebagError('Store.ObjectCorrupt', message, { cause: error });
  if (status === 404) return new StatebagError('Store.ObjectMissing', message, { cause: error });
  if (status === 403) return new StatebagError('Store.AccessDenied', message, { cause: error });
  if (
    status === undefined ||
    status >= 500 ||
    status === 408 ||
    status === 409 ||
    status === 429 ||
    status < 400
  ) {
    return new StatebagError('Store.Unavailable', message, { cause: error });
  }
  return error;
}
