import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type Encoding, parseS3Uri, type S3Uri, StatebagError } from '@statebag/contracts';
import type { ObjectStore, PutOutcome, StoredObject } from './object-store.ts';

/** How S3 is told of an encoding. */
export const CONTENT_ENCODING: Readonly<Record<Encoding, string | undefined>> = { json: undefined, 'json+zstd': 'zstd', 'json+gzip': 'gzip' };
const ENCODING_OF: Readonly<Record<string, Encoding>> = { zstd: 'json+zstd', gzip: 'json+gzip' };

/** The ETag of an object that was put in one piece is its MD5, unless S3 encrypted it with a key of KMS. */
const SINGLE_PART = /^"?([0-9a-f]{32})"?$/;

/** Tries of a write that S3 answers with 409 because another one on the same key is under way. */
const CONFLICT_TRIES = 5;

/** The store on S3, or on anything that speaks its protocol. Transport errors are retried by the client's own strategy. */
export function s3ObjectStore(client: S3Client): ObjectStore {
  return { put: (uri, object) => put(client, { uri, object, tries: CONFLICT_TRIES }), get: (uri) => get(client, uri) };
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
  return { Bucket: bucket, Key: key, Body: body, ContentType: 'application/json', ContentEncoding: CONTENT_ENCODING[encoding], IfNoneMatch: '*' };
}

async function get(client: S3Client, uri: S3Uri): Promise<StoredObject> {
  const { bucket, key } = parseS3Uri(uri);
  try {
    const { Body, ContentEncoding, ETag, ServerSideEncryption } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!Body) throw new StatebagError('Store.Unavailable', `${uri}: the answer had no body`);
    const md5 = ServerSideEncryption?.startsWith('aws:') ? undefined : SINGLE_PART.exec(ETag ?? '')?.[1];
    return { body: await Body.transformToByteArray(), encoding: ENCODING_OF[ContentEncoding ?? ''] ?? 'json', md5 };
  } catch (error) {
    throw storeError(uri, error);
  }
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** An answer by its status; no answer at all is a broken connection, which may pass. */
export function storeError(uri: S3Uri, error: unknown): unknown {
  if (error instanceof StatebagError) return error;
  const status = statusOf(error);
  const message = `${uri}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  if (status === 404) return new StatebagError('Store.ObjectMissing', message, { cause: error });
  if (status === 403) return new StatebagError('Store.AccessDenied', message, { cause: error });
  if (status === undefined || status >= 500 || status === 408 || status === 409 || status === 429 || status < 400) {
    return new StatebagError('Store.Unavailable', message, { cause: error });
  }
  return error;
}
