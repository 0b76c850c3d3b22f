import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { KB, StatebagError } from '@statebag/contracts';
import { type Encoding, parseS3Uri, type S3Uri } from '@statebag/contracts/object-keys';
import type { StoreCounts } from './counted-store.ts';
import type { ByteRange, PutOutcome } from './object-store.ts';
import type { ObjectStreams, OpenObject } from './object-streams.ts';
import { CONTENT_ENCODING, rangeHeader, statusOf, storeError } from './requested-object-store.ts';

/** What is held of an object while it is written. S3 takes no smaller part than 5 MB. */
const PART_BYTES = 6 * KB * KB;

/** Streams on S3; what goes through them is added to the counts of the invocation. */
export function s3ObjectStreams(client: S3Client, counts: StoreCounts): ObjectStreams {
  return {
    open: (uri, range) => open({ client, counts }, uri, range),
    write: async (uri, body, encoding) => ({ outcome: await write({ client, counts, uri, encoding }, body) }),
  };
}

interface Counted {
  readonly client: S3Client;
  readonly counts: StoreCounts;
}

async function open({ client, counts }: Counted, uri: S3Uri, range?: ByteRange): Promise<OpenObject> {
  const { bucket, key } = parseS3Uri(uri);
  counts.gets += 1;
  try {
    const { Body, ETag = '' } = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...(range && { Range: rangeHeader(range) }) }),
    );
    if (!Body) throw new StatebagError('Store.Unavailable', `${uri}: the answer had no body`);
    // in Node it is a stream of bytes
    return { body: counted(Body as AsyncIterable<Uint8Array>, { uri, counts }), etag: ETag };
  } catch (error) {
    throw storeError(uri, error);
  }
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  { uri, counts }: { uri: S3Uri; counts: StoreCounts },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) {
      counts.get_bytes += piece.length;
      counts.hydrated_bytes += piece.length;
      yield piece;
    }
  } catch (error) {
    throw storeError(uri, error);
  }
}

interface Writing extends Counted {
  readonly uri: S3Uri;
  readonly encoding: Encoding;
}

/** One request where the body fits a part; else parts, of which nothing is left when it goes wrong. */
async function write(writing: Writing, body: AsyncIterable<Uint8Array>): Promise<PutOutcome> {
  const sent: SentPart[] = [];
  let held: Buffer = Buffer.alloc(0);
  let upload: string | null = null;
  try {
    for await (const part of inParts(body)) {
      if (held.length > 0) {
        upload ??= await begin(writing);
        sent.push(await sendPart(writing, upload, { number: sent.length + 1, part: held }));
      }
      held = part;
    }
    if (upload === null) return await putWhole(writing, held);
    sent.push(await sendPart(writing, upload, { number: sent.length + 1, part: held }));
    return await complete(writing, upload, sent);
  } catch (error) {
    if (upload !== null) await abort(writing, upload);
    throw error;
  }
}

type SentPart = { readonly PartNumber: number; readonly ETag: string | undefined };

async function* inParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(held);
    [held, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function placeOf({ uri }: Writing) {
  const { bucket, key } = parseS3Uri(uri);
  return { Bucket: bucket, Key: key };
}

function headersOf({ encoding }: Writing) {
  return { ContentType: 'application/json', ContentEncoding: CONTENT_ENCODING[encoding] };
}

function putWhole(writing: Writing, body: Buffer): Promise<PutOutcome> {
  writing.counts.put_bytes += body.length;
  const command = new PutObjectCommand({
    ...placeOf(writing),
    ...headersOf(writing),
    Body: body,
    IfNoneMatch: '*',
  });
  return created(writing, () => writing.client.send(command));
}

async function complete(writing: Writing, UploadId: string, sent: readonly SentPart[]): Promise<PutOutcome> {
  const command = new CompleteMultipartUploadCommand({
    ...placeOf(writing),
    UploadId,
    MultipartUpload: { Parts: [...sent] },
    IfNoneMatch: '*',
  });
  const outcome = await created(writing, () => writing.client.send(command));
  if (outcome === 'existed') await abort(writing, UploadId);
  return outcome;
}

async function begin(writing: Writing): Promise<string> {
  const { UploadId } = await answered(writing, () =>
    writing.client.send(new CreateMultipartUploadCommand({ ...placeOf(writing), ...headersOf(writing) })),
  );
  if (UploadId !== undefined) return UploadId;
  throw new StatebagError('Store.Unavailable', `${writing.uri}: the upload began without an id`);
}

async function sendPart(
  writing: Writing,
  UploadId: string,
  { number, part }: { number: number; part: Buffer },
): Promise<SentPart> {
  writing.counts.puts += 1;
  writing.counts.put_bytes += part.length;
  const command = new UploadPartCommand({ ...placeOf(writing), UploadId, PartNumber: number, Body: part });
  const { ETag } = await answered(writing, () => writing.client.send(command));
  return { PartNumber: number, ETag };
}

/** The request that makes the object: where another one made it before, it is there. */
async function created({ uri, counts }: Writing, request: () => Promise<unknown>): Promise<PutOutcome> {
  counts.puts += 1;
  try {
    await request();
    return 'created';
  } catch (error) {
    if (statusOf(error) !== 412) throw storeError(uri, error);
    counts.dedupe_hits += 1;
    return 'existed';
  }
}

/** What is left of an upload that cannot be aborted either, a lifecycle rule of the bucket removes. */
async function abort(writing: Writing, UploadId: string): Promise<void> {
  await writing.client
    .send(new AbortMultipartUploadCommand({ ...placeOf(writing), UploadId }))
    .catch(() => undefined);
}

async function answered<Answer>({ uri }: Writing, request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    throw storeError(uri, error);
  }
}
