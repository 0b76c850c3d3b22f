import { request } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ServedViewer, serveViewer } from './serve-viewer.ts';
import { viewerKey } from './viewer-place.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'secret' };
const key = viewerKey(credentials);
const about = {
  place: 'prod, nowhere-1',
  read_only: true,
  owner: 'crm',
  held: true,
  command_options: [],
};
// nobody listens there: what is refused is refused before it is asked
const nowhere = { endpoint: 'http://127.0.0.1:1', region: 'nowhere-1', credentials, maxAttempts: 1 };
const clients = { lambda: new LambdaClient(nowhere), sfn: new SFNClient(nowhere) };

let viewer: ServedViewer;
beforeAll(async () => {
  viewer = await serveViewer({ ...clients, claims: {}, key, about: () => about }, 0);
});
afterAll(async () => {
  await viewer.close();
  for (const client of Object.values(clients)) client.destroy();
});

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** With headers as they are given: `fetch` sets some itself. */
function ask(path: string, { method = 'GET', headers = {} }: Sent = {}) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(viewer.url);
      const sent = request({ hostname, port, path, method, headers }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
      sent.on('error', reject).end();
    },
  );
}
const withKey = { 'x-statebag-key': key };

test('the address has the key behind #, and from it nobody computes the key of the cloud', () => {
  expect(viewer.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#key=[\w-]{43}$/);
  expect(viewer.url).not.toContain('secret');
  expect(viewerKey({ secretAccessKey: 'other' })).not.toBe(key);
});

test('every address of the page is the page, under a policy without inline scripts and other hosts', async () => {
  for (const path of ['/', '/runs', '/runs/a-1/why?node=x']) {
    const { status, headers, text } = await ask(path);
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|http|\*/);
    expect(text).toContain('/viewer.js');
  }
  expect((await ask('/nothing.js')).status).toBe(404);
});

test.each(['/about', '/live', '/api/runs', '/executions-of/account'])(
  '%s answers nothing without the key',
  async (path) => {
    for (const given of [{}, { 'x-statebag-key': '' }, { 'x-statebag-key': `${key}x` }])
      expect(await ask(path, { headers: given })).toMatchObject({
        status: 401,
        text: expect.stringContaining('Viewer.KeyMissing'),
      });
  },
);

test('pages of other origins and names that lead here are refused, also with the key', async () => {
  for (const foreign of [
    { origin: 'http://evil.test' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.test' },
  ])
    expect((await ask('/about', { headers: { ...withKey, ...foreign } })).status).toBe(403);
  expect(JSON.parse((await ask('/about', { headers: withKey })).text)).toEqual(about);
});

test('a stage that is shown takes no change', async () => {
  expect(await ask('/api/runs/r-1/cancel', { method: 'POST', headers: withKey })).toMatchObject({
    status: 403,
    text: expect.stringContaining('Viewer.ReadOnly'),
  });
});

test('what the API has no route for is said', async () => {
  expect((await ask('/api/nothing', { headers: withKey })).status).toBe(404);
});
