import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { decodeAwsChunked } from '../../src/s3/aws-chunked.ts';

/** A body in `aws-chunked` framing, with signatures as clients send them over plain HTTP. */
function encode(chunks: readonly Uint8Array[], trailer: string): Buffer {
  const frames = [...chunks.filter((chunk) => chunk.length > 0), new Uint8Array()].map((chunk) => [
    `${chunk.length.toString(16)};chunk-signature=${'ab'.repeat(32)}\r\n`,
    chunk,
    chunk.length > 0 ? '\r\n' : '',
  ]);
  return Buffer.concat([...frames.flat(), trailer, '\r\n'].map((part) => Buffer.from(part)));
}

function inPieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

test('the body comes out whole however the network cut it, and its trailer is told', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
    fc.integer({ min: 1, max: 200 }),
    async (chunks, size) => {
      const trailers: string[][] = [];
      const pieces = inPieces(encode(chunks, 'x-amz-checksum-crc32:AAAAAA==\r\n'), size);
      const decoded = await buffer(
        Readable.from(decodeAwsChunked(Readable.from(pieces), (...trailer) => void trailers.push(trailer))),
      );
      expect(decoded.equals(Buffer.concat(chunks))).toBe(true);
      expect(trailers).toEqual([['x-amz-checksum-crc32', 'AAAAAA==']]);
    },
  );
  await law(property, { cases: 100 });
});

test.each([
  ['ends inside a chunk', 'a\r\n12345'],
  ['ends before its last chunk', '2\r\n12\r\n'],
  ['has a chunk longer than announced', '2\r\n123\r\n0\r\n\r\n'],
  ['has no framing', 'plain text'],
])('a body that %s is refused', async (_, body) => {
  const decoded = buffer(
    Readable.from(decodeAwsChunked(Readable.from([Buffer.from(body)]), () => undefined)),
  );
  await expect(decoded).rejects.toMatchObject({ code: 'IncompleteBody' });
});
