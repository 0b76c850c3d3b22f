import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
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

/**
 * The store on S3, or on anything that speaks its protocol. Transport errors are retried by the client's own
 * strategy.
 */
export function s3ObjectStore(client: S3Client): ObjectStore {
  return {
    put: (uri, object) => put(client, { uri, object, tries: CONFLICT_TRIES }),
    get: (uri, range) => get(client, uri, range),
  };
}

interface Write {
  readonly uri: S3Uri;
  readonly object: StoredObject;
  readonly tries: number;
}

async function put(client: S3Client, { uri, object, tries }: Write): Promise<PutOutcome> {
  try {
    await client.send(new PutObjectCommand(createOnly(uri, object)));
    return 'created';
  } catch (error) {
    const status = statusOf(error);
    if (status === 412) return 'existed';
    if (status === 409 && tries > 1) return put(client, { uri, object, tries: tries - 1 });
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
  };
}

async function get(client: S3Client, uri: S3Uri, range?: ByteRange): Promise<StoredObject> {
  const { bucket, key } = parseS3Uri(uri);
  try {
    const { Body, ContentEncoding, ETag, ServerSideEncryption } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...(range && { Range: rangeHeader(range) }) }),
    );
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

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
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
