import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { removeBucket } from '../src/stage-data.ts';

/** Versions of a bucket, the markers of deleted objects among them. */
const there = new Set(['a v1', 'a v2', 'b v1', 'b marker', 'c null']);
const PAGE = 2;
const asked: string[] = [];

/** S3 as far as a bucket that keeps versions is emptied by it: two versions a page. */
const s3 = createServer(async (request, response) => {
  const { method = '', url = '' } = request;
  const body = await readText(request);
  asked.push(`${method} ${new URL(url, 'http://s3').searchParams.has('versions') ? 'versions' : ''}`.trim());
  if (method === 'GET') return void response.end(page());
  if (method === 'POST') {
    for (const [, key, version] of body.matchAll(/<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>/g))
      there.delete(`${key} ${version}`);
    return void response.end('<DeleteResult/>');
  }
  response.writeHead(there.size === 0 ? 204 : 409);
  return void response.end(there.size === 0 ? '' : '<Error><Code>BucketNotEmpty</Code></Error>');
});

function page(): string {
  const entries = [...there].slice(0, PAGE).map((each) => {
    const [key, version] = each.split(' ');
    const element = version === 'marker' ? 'DeleteMarker' : 'Version';
    return `<${element}><Key>${key}</Key><VersionId>${version}</VersionId></${element}>`;
  });
  return `<ListVersionsResult><IsTruncated>${there.size > PAGE}</IsTruncated>${entries.join('')}</ListVersionsResult>`;
}

const before = { ...process.env };
beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  process.env = before;
  await new Promise((resolve) => s3.close(resolve));
});

test('a bucket that keeps versions is removed with all of them, and with the marks of what was deleted', async () => {
  const { port } = s3.address() as AddressInfo; // it listens on a port
  const place = { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` };
  expect(await removeBucket('kept', place)).toBe(5);
  expect(there.size).toBe(0);
  expect(asked.at(-1)).toBe('DELETE');
});
