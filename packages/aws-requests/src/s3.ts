import { crc32 } from 'node:zlib';
import type { GetObjectRequest, HeadObjectRequest, PutObjectRequest } from '@aws-sdk/client-s3';
import type { Place } from './place.ts';
import { type Answer, xmlFailure } from './service-failure.ts';
import { type Patience, type Request, type Send, signedRequests } from './signed-requests.ts';

/** An object as it was read, and what S3 says of it. */
export interface GotObject {
  readonly Body: { transformToByteArray(): Promise<Uint8Array> };
  readonly ContentEncoding?: string | undefined;
  readonly ETag?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
}

/** What is asked for of an object. */
type Wanted = Pick<GetObjectRequest, 'Bucket' | 'Key' | 'Range'>;
/** What is written: bytes, whole. */
type Written = Pick<
  PutObjectRequest,
  'Bucket' | 'Key' | 'ContentType' | 'ContentEncoding' | 'IfNoneMatch'
> & {
  readonly Body: Uint8Array;
};

/** Objects of S3, each read and written whole or by a range: no streams, no parts. */
export function s3(place: Place, patience: Patience) {
  const service = { name: 's3', escapesTwice: false, failureOf: xmlFailure };
  const send = signedRequests(service, place, patience);
  return {
    getObject: (wanted: Wanted) => getObject(send, place, wanted),
    putObject: (written: Written) => putObject(send, place, written),
    headObject: async ({ Bucket, Key }: Pick<HeadObjectRequest, 'Bucket' | 'Key'>): Promise<object> => {
      await send({ method: 'HEAD', ...addressOf({ Bucket, Key }, place), headers: { [BODY_HASH]: EMPTY } });
      return {};
    },
  };
}

/** S3 takes no request without the hash of its body. */
const BODY_HASH = 'x-amz-content-sha256';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** @throws Error "Checksum mismatch…" where the bytes are not those that were written */
async function getObject(send: Send, place: Place, { Range, ...address }: Wanted): Promise<GotObject> {
  const asked = Range === undefined ? { 'x-amz-checksum-mode': 'ENABLED' } : { range: Range };
  const headers = { ...asked, [BODY_HASH]: EMPTY };
  const answer = await send({ method: 'GET', ...addressOf(address, place), headers });
  if (Range === undefined) refuseDamaged(answer);
  return {
    Body: { transformToByteArray: async () => answer.body },
    ContentEncoding: answer.headers['content-encoding'],
    ETag: answer.headers['etag'],
    ServerSideEncryption: answer.headers['x-amz-server-side-encryption'],
  };
}

async function putObject(send: Send, place: Place, written: Written): Promise<object> {
  const { Body, ContentType, ContentEncoding, IfNoneMatch, ...address } = written;
  const headers = {
    ...(ContentType !== undefined && { 'content-type': ContentType }),
    ...(ContentEncoding !== undefined && { 'content-encoding': ContentEncoding }),
    ...(IfNoneMatch !== undefined && { 'if-none-match': IfNoneMatch }),
    // the body is protected on its way by its connection and by this sum, which stays with the object
    [BODY_HASH]: 'UNSIGNED-PAYLOAD',
    'x-amz-sdk-checksum-algorithm': 'CRC32',
    'x-amz-checksum-crc32': checksumOf(Body),
  };
  await send({ method: 'PUT', ...addressOf(address, place), headers, body: Body });
  return {};
}

/** As S3 writes a CRC32: four bytes, the highest first, in base64. */
function checksumOf(body: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return sum.toString('base64');
}

/** Objects that were put in parts have sums of sums, which end with the number of parts. */
function refuseDamaged({ headers, body }: Answer): void {
  const recorded = headers['x-amz-checksum-crc32'];
  if (recorded === undefined || recorded.includes('-')) return;
  const found = checksumOf(body);
  if (found !== recorded)
    throw new Error(`Checksum mismatch: the object has ${found}, recorded is ${recorded}`);
}

/** A name with a dot fits no certificate of S3's hosts, and another cloud has one host. */
function addressOf(
  { Bucket = '', Key = '' }: Pick<GetObjectRequest, 'Bucket' | 'Key'>,
  { endpoint }: Place,
): Pick<Request, 'hostPrefix' | 'path'> {
  const key = Key.split('/').map(escaped).join('/');
  if (endpoint !== undefined || Bucket.includes('.')) return { path: `/${Bucket}/${key}` };
  return { hostPrefix: `${Bucket}.`, path: `/${key}` };
}

/** As RFC 3986 has it, and signatures want it. */
function escaped(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}
