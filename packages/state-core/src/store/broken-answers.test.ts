import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isStatebagError } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { STORES_ON_S3, type TestS3 } from '../../test/stores-on-s3.ts';
import { noStoreCounts } from './counted-store.ts';
import { S3_CLIENT_SETTINGS } from './s3-client-settings.ts';
import { s3ObjectStreams } from './s3-object-streams.ts';

const URI = 's3://state/runs/acme/run-1/blobs/a.json' as S3Uri; // a good address by sight

/** How the answer is written, where it breaks off, and how. */
interface Break {
  readonly content: string;
  readonly checksum: boolean;
  readonly chunked: boolean;
  /** How much of the answer comes, of 1,000 parts. */
  readonly comes: number;
  readonly reset: boolean;
}

let server: Server;
let at: TestS3;
let client: S3Client;
let answer: (socket: Socket) => void;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined); // what the client says of it counts
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  at = {
    maxAttempts: 1, // each break is seen
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  client = new S3Client({ ...S3_CLIENT_SETTINGS, ...at, forcePathStyle: true });
});
afterAll(() => {
  client.destroy();
  return new Promise((resolve) => server.close(resolve));
});

function textOf({ content, checksum, chunked }: Break): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  const size = Buffer.byteLength(content);
  return [
    'HTTP/1.1 200 OK',
    'ETag: "0123"',
    ...(checksum
      ? [`x-amz-checksum-crc32: ${sum.toString('base64')}`, 'x-amz-checksum-type: FULL_OBJECT']
      : []),
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`,
    'Connection: close',
    '',
    chunked ? `${size.toString(16)}\r\n${content}\r\n0\r\n\r\n` : content,
  ].join('\r\n');
}

function breaking({ comes, reset, ...how }: Break): (socket: Socket) => void {
  const whole = Buffer.from(textOf({ comes, reset, ...how }));
  const part = whole.subarray(0, Math.floor((whole.length * comes) / 1_000));
  return (socket) => {
    if (!reset) socket.end(part);
    else socket.write(part, () => setImmediate(() => socket.resetAndDestroy()));
  };
}

const READS: Readonly<Record<string, () => Promise<string>>> = {
  ...Object.fromEntries(
    Object.entries(STORES_ON_S3).map(([by, open]) => [
      `read whole by ${by}`,
      async () => String(Buffer.from((await open(at).get(URI)).body)),
    ]),
  ),
  'read in pieces': async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await s3ObjectStreams(client, noStoreCounts()).open(URI)).body)
      pieces.push(piece);
    return String(Buffer.concat(pieces));
  },
};

const BREAK: fc.Arbitrary<Break> = fc.record({
  content: fc.string({ unit: fc.constantFrom('a', 'b', '{', '"', '\n'), minLength: 1, maxLength: 400 }),
  checksum: fc.boolean(),
  chunked: fc.boolean(),
  comes: fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constant(1_000)),
  reset: fc.boolean(),
});

test.each(Object.keys(READS))(
  'an object %s comes whole, or the store is unavailable, wherever its answer breaks off',
  async (read) => {
    const property = fc.asyncProperty(BREAK, async (how) => {
      answer = breaking(how);
      const got = await READS[read]?.().catch((error: unknown) =>
        isStatebagError(error) ? error.name : String(error),
      );
      // A reset may overtake the end of an answer that was sent whole.
      const right =
        how.comes < 1_000
          ? ['Store.Unavailable']
          : [how.content, ...(how.reset ? ['Store.Unavailable'] : [])];
      expect(right).toContain(got);
    });
    await law(property, { cases: 40 });
  },
  30_000,
);
