import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestCloud, type TestCloud } from './test-cloud.ts';

let opened: TestCloud;
/** Reads an object; signed with the owner's key, as one of the owner's own clients hands it out. */
let presigned: string;

beforeAll(async () => {
  opened = await openTestCloud();
  await opened.cloud.s3.createBucket('kept');
  const s3 = new S3Client({ ...opened.config, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'the object' }));
  presigned = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'kept', Key: 'a' }));
  s3.destroy();
});

afterAll(() => opened.close());

type Headers = Readonly<Record<string, string>>;

/** A request as it is written on the wire: fetch of Node would set some of these headers itself. */
function send(target: string, headers: Headers, { method = 'GET', body = '' } = {}) {
  const url = new URL(target);
  return new Promise<{ status: number | undefined; body: string; headers: object }>((resolve, reject) => {
    const sent = request(url, { method, headers }, async (answer) =>
      resolve({ status: answer.statusCode, body: await text(answer), headers: answer.headers }),
    );
    sent.on('error', reject).end(body);
  });
}

const EVIL = 'https://evil.example';
const PLAIN_TEXT = { 'content-type': 'text/plain;charset=UTF-8' };

/** What a page of a browser can make it send to the cloud of the machine it runs on. */
const FOREIGN: readonly (readonly [string, Headers])[] = [
  ['fetch without CORS', { ...PLAIN_TEXT, origin: EVIL, 'sec-fetch-site': 'cross-site' }],
  ['a form that is posted', { origin: EVIL, 'content-type': 'application/x-www-form-urlencoded' }],
  ['a page without an origin: a file, a sandbox, a redirect', { origin: 'null' }],
  ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  ['a link that is followed', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ['a page of another port of this machine', { origin: 'http://127.0.0.1:3000' }],
  ['the same, in a browser that only says so', { 'sec-fetch-site': 'same-site' }],
  ['a page under another name of this machine', { origin: 'http://localhost:4566' }],
  ['an extension', { origin: 'chrome-extension://abcdef' }],
  ['a site that this header does not have', { 'sec-fetch-site': 'elsewhere' }],
  ['a preflight', { origin: EVIL, 'access-control-request-method': 'POST' }],
  [
    'a web socket',
    { origin: EVIL, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  ],
  ['a name of the page that leads here', { host: 'rebound.example.com' }],
  ['such a name that looks like one of this machine', { host: '127.0.0.1.evil.example:4566' }],
];

describe('a request of a foreign page is refused, even with a signature of the owner', () => {
  test.each(FOREIGN)('%s', async (_name, headers) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, body, headers: answered } = await send(presigned, headers, { method });
      expect({ method, status }).toEqual({ method, status: 403 });
      expect(body).not.toContain('the object');
      expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

test.each([
  ['a program', {}],
  ['an address that the owner types', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
])('a presigned address of the owner answers %s', async (_name, headers) => {
  expect(await send(presigned, headers)).toMatchObject({ status: 200, body: 'the object' });
});

/** The path of a POST that is signed in its query with a key that a page could know. */
function signedWith(secret: string, path: string, { service, body }: { service: string; body: string }) {
  const { host } = new URL(opened.cloud.endpoint);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `local/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '300',
    'X-Amz-SignedHeaders': 'host',
  }).toString();
  const sha256 = (given: string) => createHash('sha256').update(given).digest('hex');
  const canonical = ['POST', path, query, `host:${host}`, '', 'host', sha256(body)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (above, part) => createHmac('sha256', above).update(part).digest(),
      `AWS4${secret}`,
    );
  const signed = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signature = createHmac('sha256', key).update(signed).digest('hex');
  return `${opened.cloud.endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
}

test.each(['local', 'test', ''])('the key "%s", which everybody knows, opens nothing', async (secret) => {
  const body = '{}';
  const url = signedWith(secret, '/2015-03-31/functions/none/invocations', { service: 'lambda', body });
  expect(await send(url, {}, { method: 'POST', body })).toMatchObject({
    status: 403,
    body: expect.stringContaining('signature'),
  });
  const own = signedWith(
    opened.config.credentials.secretAccessKey,
    '/2015-03-31/functions/none/invocations',
    { service: 'lambda', body },
  );
  expect(await send(own, {}, { method: 'POST', body })).toMatchObject({ status: 404 });
});
