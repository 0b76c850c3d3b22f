import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  API_LIMITS,
  type ExecutionId,
  type JsonObject,
  type OwnerId,
  parseS3Uri,
  type S3Uri,
  type StartRunBody,
  StatebagError,
  uploadUri,
} from '@statebag/contracts';
import { byteSizeOf, canonicalJson, refuseReserved } from '@statebag/state-core';
import type { Api } from '../open-api.ts';

/** How the input reaches the run. */
export type GivenInput = { readonly input: JsonObject } | { readonly input_s3_path: S3Uri };

type Stores = Pick<Api, 's3' | 'bucket'>;

/**
 * Checks what a run is to begin with before anything is written.
 * @throws `Contract.EventRejected`, `Pointer.LookAlike`
 */
export async function checkInput({ s3, bucket }: Stores, owner_id: OwnerId, { input, upload }: StartRunBody): Promise<void> {
  if (input !== undefined && upload !== undefined) throw new StatebagError('Contract.EventRejected', 'body has to have one of input and upload, not both');
  if (input !== undefined) refuseReserved(input);
  if (upload === undefined) return;
  const { key } = parseS3Uri(uploadUri(bucket, owner_id, upload));
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    if (!(error instanceof Error) || !MISSING.has(error.name)) throw error;
    throw new StatebagError('Contract.EventRejected', `body/upload: there is no upload ${JSON.stringify(upload)}`);
  }
}

const MISSING: ReadonlySet<string> = new Set(['NotFound', 'NoSuchKey']);

/** The input as a start event carries it: what is too large for one is stored first, under a name that a repeated start gives it again. */
export async function carriedInput(
  { s3, bucket }: Stores,
  { owner_id, execution_id }: { owner_id: OwnerId; execution_id: ExecutionId },
  body: StartRunBody,
): Promise<GivenInput> {
  const { input = {}, upload } = body;
  if (upload !== undefined) return { input_s3_path: uploadUri(bucket, owner_id, upload) };
  if (byteSizeOf(input) <= API_LIMITS.inlineInputBytes) return { input };
  const input_s3_path = uploadUri(bucket, owner_id, `${execution_id}/input.json`);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: parseS3Uri(input_s3_path).key, Body: canonicalJson(input), ContentType: 'application/json' }));
  return { input_s3_path };
}
