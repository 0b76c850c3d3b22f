import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localSecrets } from '@statebag/deployment/local-secrets';
import { DeployedTestApp } from './deployed-app.ts';

const SECRET = 'q7Zp"2LmXv9\\TbR4cW8nKd3HsY6';
const PROVIDER_KEY = 'provider-key-Ab3dE6gH9jK2mN5p';

let server: Server;
let dataDir: string;
let app: DeployedTestApp;
let origin: string;
let asked: { readonly path: string; readonly authorization: string; readonly body: string }[] = [];

/** Repeats what it was sent, and answers as a model; `/refuse` does so with 403. */
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const [path, authorization] = [request.url ?? '', request.headers.authorization ?? ''];
    const body = await text(request.setEncoding('utf8'));
    asked.push({ path, authorization, body });
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello.' } }];
    response
      .writeHead(path.startsWith('/refuse') ? 403 : 200, {
        'content-type': 'application/json',
        'x-echo': 'on',
      })
      .end(JSON.stringify({ authorization, body, headers: request.headers, choices, model: 'm' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
  dataDir = await mkdtemp(join(tmpdir(), 'statebag-secrets-'));
  const environment = { STATEBAG_SECRET_SHOP_KEY: SECRET, STATEBAG_LLM_API_KEY: PROVIDER_KEY };
  app = await DeployedTestApp.open({
    dataDir,
    heldParameters: localSecrets(dataDir, environment),
    parameters: {
      mockMode: 'false',
      httpAllowedHosts: '127.0.0.1',
      llmBaseUrl: `${origin}/v1`,
      llmApiKeyParameter: '/statebag/local/llm-api-key',
    },
  });
});
afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

const call = (path: string, name: string) => ({
  name: 'shop',
  nodes: [
    {
      id: 'order',
      type: 'api_call',
      output_key: 'answer',
      config: {
        url: `${origin}${path}?page=1`,
        method: 'POST',
        headers: {
          authorization: `{% 'Basic ' & $base64encode('me:' & $secret('${name}')) %}`,
          'x-key': `{{ $secret('${name}') }}`,
        },
        body: { key: `{{ $secret('${name}') }}`, filler: 'x'.repeat(6_000) },
      },
    },
    {
      id: 'ask',
      type: 'llm_chat',
      output_key: 'said',
      config: { provider: 'openai-compatible', prompt: 'Hi.' },
    },
  ],
});

test('a secret and a key reach the service, and stand in nothing that is kept', async () => {
  const ended = await app.run(call('/order', 'shop-key'));
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  const basic = `Basic ${Buffer.from(`me:${SECRET}`).toString('base64')}`;
  expect(asked[0]).toMatchObject({ authorization: basic, body: expect.stringContaining('q7Zp\\"2LmXv9') });
  expect(asked.at(-1)?.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
  const { answer } = await app.state(ended);
  expect(answer).toMatchObject({ body: { authorization: '(secret)' } });

  const refused = await app.run(call('/refuse', 'shop-key'));
  expect(refused).toMatchObject({ status: 'FAILED', error: 'Http.Refused' });
  expect(refused.cause).toContain(`${origin}/refuse answered 403`);
  expect(refused.cause).not.toContain('page=1');

  const found = await filesWith(formsOf(SECRET).concat(formsOf(PROVIDER_KEY)));
  expect(found).toEqual([]);
  expect(await filesWith(['answered 403'])).not.toEqual([]); // what is kept can be found in this way
});

test('a secret that is not there fails the node before anything is sent, and says where it is looked for', async () => {
  asked = [];
  const { status, error, cause } = await app.run(call('/order', 'no-such-key'));
  expect([status, error]).toEqual(['FAILED', 'Secret.NotFound']);
  expect(cause).toContain('STATEBAG_SECRET_NO_SUCH_KEY');
  expect(asked).toEqual([]);
});

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
      .toString('base64')
      .slice(4, -4),
  );
  return [secret, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(secret), ...base64];
}

/** Files of the data directory that hold one of the texts: journal, objects, logs. Compressed ones are opened. */
async function filesWith(texts: readonly string[]): Promise<readonly string[]> {
  const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of names.filter((each) => each.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const content = Buffer.concat([bytes, opened(bytes)]).toString('latin1');
    if (texts.some((each) => content.includes(each))) found.push(entry.name);
  }
  return found;
}

function opened(bytes: Buffer): Buffer {
  if (bytes.length < 4) return bytes;
  if (bytes.readUInt32BE(0) === 0x28b52ffd) return zstdDecompressSync(bytes);
  return bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : Buffer.alloc(0);
}
