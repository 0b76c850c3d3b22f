import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { confineTo, parseS3Uri, type RunLocation, runPrefix } from '@statebag/contracts/object-keys';
import { isFieldPointer } from '@statebag/contracts/pointers';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { VALUES } from '@statebag/state-core/store/state-hydrator';

const AT_ONCE = 16;

/**
 * Gives a replay what the run recorded of its calls. What a call began and never finished is left out: the
 * replay finds a miss there.
 */
export async function copyLedger(s3: S3Client, from: RunLocation, to: RunLocation): Promise<number> {
  const keys = (await keysOf(s3, from)).filter((key) => !key.endsWith('.intent.json'));
  await eachBounded(keys, AT_ONCE, async (key) => {
    const record: Json = JSON.parse(Buffer.from(await read(s3, from.bucket, key)).toString('utf8'));
    await write(
      s3,
      to.bucket,
      key.replace(runPrefix(from), runPrefix(to)),
      Buffer.from(JSON.stringify(await carriedOver(s3, record, { from, to }))),
    );
  });
  return keys.length;
}

interface Carrying {
  readonly from: RunLocation;
  readonly to: RunLocation;
}

/**
 * A record, or anything else with a `pointer`, with what it points to copied along.
 * @throws `Pointer.Foreign` for what is no value of the run, before any request is sent
 */
export async function carriedOver(s3: S3Client, record: Json, { from, to }: Carrying): Promise<Json> {
  if (!isJsonObject(record) || !isFieldPointer(record['pointer'] ?? null)) return record;
  const pointer = record['pointer'] as JsonObject; // a pointer is JSON
  const { key } = parseS3Uri(confineTo(VALUES, String(pointer['s3_path']), from));
  const moved = key.replace(runPrefix(from), runPrefix(to));
  // with what says how it is encoded
  await s3.send(
    new CopyObjectCommand({ Bucket: to.bucket, Key: moved, CopySource: `${from.bucket}/${key}` }),
  );
  return { ...record, pointer: { ...pointer, s3_path: `s3://${to.bucket}/${moved}` } };
}

async function keysOf(s3: S3Client, run: RunLocation): Promise<string[]> {
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const command: ListObjectsV2Command = new ListObjectsV2Command({
      Bucket: run.bucket,
      Prefix: `${runPrefix(run)}ledger/`,
      ContinuationToken,
    });
    const page = await s3.send(command);
    found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

async function read(s3: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

async function write(s3: S3Client, Bucket: string, Key: string, Body: Uint8Array): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }));
}
