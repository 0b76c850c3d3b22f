import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createZstdCompress } from 'node:zlib';
import { bytes, type Json, type Sha256 } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { fieldPointer } from '@statebag/state-core';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import type { StepTools } from '@statebag/step-kit';

interface Writing {
  readonly uri: S3Uri;
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

/** A list where it stands: itself while it is short, else where it lies. */
export type Standing = { readonly value: Json } | { readonly pointer: FieldPointer };

/**
 * A list from the canonical texts of its members, as one stored object; a short one stays in hand. The whole
 * of a long list is never held.
 */
export async function writeOutputs(
  members: AsyncIterable<string>,
  { uri, tools, streams }: Writing,
): Promise<Standing> {
  const pieces = listText(members);
  const begun = await firstPieces(pieces, tools.plan.thresholds.field);
  if (begun.isAll) return { value: JSON.parse(Buffer.concat(begun.pieces).toString('utf8')) };
  const hash = createHash('sha256');
  let size = 0;
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const piece of chained(begun.pieces, pieces)) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  }
  await streams.write(uri, compressed(measured()), 'json+zstd');
  const sha256 = hash.digest('hex') as Sha256; // the digest is where a hash comes from
  const written = { uri, encoding: 'json+zstd' as const, sha256, size: bytes(size) };
  return { pointer: fieldPointer(written, tools.plan.now) };
}

/** Texts are gathered to pieces of about this size. */
const PIECE = 65_536;

async function* listText(members: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = '[';
  let count = 0;
  for await (const member of members) {
    text += count === 0 ? member : `,${member}`;
    count += 1;
    if (text.length < PIECE) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}]`);
}

async function firstPieces(
  pieces: AsyncGenerator<Buffer>,
  most: number,
): Promise<{ readonly pieces: readonly Buffer[]; readonly isAll: boolean }> {
  const taken: Buffer[] = [];
  for (let size = 0; size <= most; ) {
    const { value, done } = await pieces.next();
    if (done) return { pieces: taken, isAll: true };
    taken.push(value);
    size += value.length;
  }
  return { pieces: taken, isAll: false };
}

async function* chained(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

function compressed(pieces: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  const zstd = createZstdCompress();
  pipeline(Readable.from(pieces), zstd, () => undefined); // what fails is thrown to whoever reads the stream
  return zstd;
}
