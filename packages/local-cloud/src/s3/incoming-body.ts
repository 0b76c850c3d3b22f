import { headerOf, type Request } from '../gateway/request.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { Blobs, StagedBlob } from './blobs.ts';
import { CHECKSUM_NAMES, type ChecksumName, isChecksumName } from './checksums.ts';
import { s3Error } from './s3-error.ts';

const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const CHECKSUM_HEADER = /^x-amz-checksum-([a-z0-9]+)$/;

/** What a request promises about its body, and where the promises stand. */
interface Promises {
  readonly md5: string | undefined;
  readonly sha256: string | undefined;
  readonly checksums: Map<ChecksumName, string>;
  readonly length: number | undefined;
}

/** A staged body together with the checksums its sender asked to keep. */
export interface ReceivedBody {
  readonly blob: StagedBlob;
  readonly checksums: Readonly<Partial<Record<ChecksumName, string>>>;
}

/**
 * Stages a request's body and holds it against every digest the client sent; a body that breaks a promise is
 * discarded and refused.
 */
export function receiveBody(request: Request, blobs: Blobs): Promise<ReceivedBody> {
  return receive(request, (source, names) => blobs.stage(source, names), blobs);
}

/** Reads the XML document of a request, held against its digests like any body. */
export async function receiveDocument(request: Request, blobs: Blobs): Promise<string> {
  const { blob } = await receive(
    request,
    (source, names) => blobs.stage(source, names, MAX_DOCUMENT_BYTES),
    blobs,
  );
  if (blob.bytes !== null) return blob.bytes.toString('utf8');
  blobs.discard(blob);
  throw s3Error('EntityTooLarge', { MaxSizeAllowed: MAX_DOCUMENT_BYTES });
}

type Stage = (source: AsyncIterable<Uint8Array>, names: readonly ChecksumName[]) => Promise<StagedBlob>;

async function receive(request: Request, stage: Stage, blobs: Blobs): Promise<ReceivedBody> {
  const promises = promisesOf(request);
  if ((promises.length ?? 0) > MAX_PUT_BYTES)
    throw s3Error('EntityTooLarge', { MaxSizeAllowed: MAX_PUT_BYTES });
  const wanted = checksumNamesOf(request);
  const names: ChecksumName[] =
    promises.sha256 === undefined ? wanted : [...new Set<ChecksumName>([...wanted, 'sha256'])];
  const blob = await stage(bodyOf(request, promises), names);
  try {
    refuseBrokenPromises(blob, promises);
  } catch (error) {
    blobs.discard(blob);
    throw error;
  }
  return { blob, checksums: Object.fromEntries(wanted.map((name) => [name, blob.checksums[name] ?? ''])) };
}

function promisesOf(request: Request): Promises {
  const contentSha256 = headerOf(request, 'x-amz-content-sha256') ?? '';
  const length = headerOf(request, 'x-amz-decoded-content-length') ?? headerOf(request, 'content-length');
  return {
    md5: md5Of(headerOf(request, 'content-md5')),
    sha256: /^[0-9a-f]{64}$/.test(contentSha256) ? contentSha256 : undefined,
    checksums: new Map(
      CHECKSUM_NAMES.flatMap((name) => {
        const value = headerOf(request, `x-amz-checksum-${name}`);
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
    length: length === undefined ? undefined : Number(length),
  };
}

/** The checksums a client sends or announces: in headers, as a trailer, or by algorithm alone. */
function checksumNamesOf(request: Request): ChecksumName[] {
  const trailer = CHECKSUM_HEADER.exec(headerOf(request, 'x-amz-trailer') ?? '')?.[1] ?? '';
  const algorithm = (headerOf(request, 'x-amz-sdk-checksum-algorithm') ?? '').toLowerCase();
  const named = CHECKSUM_NAMES.filter((name) => request.headers[`x-amz-checksum-${name}`] !== undefined);
  return [...new Set([...named, ...[trailer, algorithm].filter(isChecksumName)])];
}

function bodyOf(request: Request, promises: Promises): AsyncIterable<Uint8Array> {
  const framing = headerOf(request, 'x-amz-content-sha256') ?? '';
  if (!framing.startsWith('STREAMING-')) return request.body;
  return decodeAwsChunked(request.body, (name, value) => {
    const checksum = CHECKSUM_HEADER.exec(name)?.[1] ?? '';
    if (isChecksumName(checksum)) promises.checksums.set(checksum, value);
  });
}

function refuseBrokenPromises(blob: StagedBlob, { md5, sha256, checksums, length }: Promises): void {
  if (length !== undefined && length !== blob.size) throw s3Error('IncompleteBody');
  if (md5 !== undefined && md5 !== blob.md5) throw s3Error('BadDigest');
  if (sha256 !== undefined && sha256 !== Buffer.from(blob.checksums.sha256 ?? '', 'base64').toString('hex'))
    throw s3Error('XAmzContentSHA256Mismatch');
  for (const [name, value] of checksums) if (value !== blob.checksums[name]) throw s3Error('BadDigest');
}

function md5Of(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 16) throw s3Error('InvalidDigest');
  return bytes.toString('hex');
}
