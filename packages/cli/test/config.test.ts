import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { resultOf, start, statebag, workFolder } from './statebag.ts';

/** Each deploys once, on a machine that may have other things to do. */
jest.setTimeout(180_000);

const KEY = 'key-of-the-configuration-test';
const folder = workFolder();
const asked: (string | undefined)[] = [];
let server: Server;
let port: number;

/** A service of one's own on this machine, and a model behind a key. */
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'POST') asked.push(request.headers.authorization);
      const message = { role: 'assistant', content: 'a short answer' };
      const answer = {
        choices: [{ index: 0, finish_reason: 'stop', message }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.method === 'POST' ? answer : { stock: 7 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port; // a listening TCP server has one
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  folder.remove();
});

const calls = () =>
  folder.file('calls.json', {
    name: 'calls',
    version: '1',
    nodes: [
      {
        id: 'stock',
        type: 'api_call',
        output_key: 'stock',
        config: { url: `http://127.0.0.1:${port}/stock` },
      },
      {
        id: 'say',
        type: 'llm_chat',
        output_key: 'text',
        config: { provider: 'openai-compatible', model: 'm', prompt: 'Say {{ stock.body.stock }}' },
      },
      { id: 'out', type: 'output', config: { fields: ['text'] } },
    ],
  });

/** Every byte that lies in a folder. */
function bytesBelow(path: string): string {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

test('a service of one’s own is refused with the setting that allows it', async () => {
  const args = ['run', calls(), '--data-dir', join(folder.path, 'refused')];
  const { code, stdout } = await statebag(...args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/Http\.AddressRefused[\s\S]* {2}mend: .*allowed_hosts.*--allow-host/);
});

test('a configuration beside the workflow reaches it, asks a model with its key, and writes the key nowhere', async () => {
  folder.file(
    'statebag.config.yaml',
    `data_dir: configured
allowed_hosts: [127.0.0.1]
providers:
  openai-compatible:
    base_url: http://127.0.0.1:${port}/v1
    api_key_env: KEY_OF_THE_TEST
`,
  );
  const ran = await start(['run', calls(), '--json'], { KEY_OF_THE_TEST: KEY }).finished;
  expect(resultOf(ran)).toMatchObject({ status: 'SUCCEEDED', output: { text: 'a short answer' } });
  expect(asked).toEqual([`Bearer ${KEY}`]);
  const listed = await statebag('list', '--data-dir', join(folder.path, 'configured'));
  expect(listed.stdout).toMatch(/^calls-\S+ +SUCCEEDED/);
  expect(bytesBelow(join(folder.path, 'configured'))).not.toContain(KEY);
});

test.each([
  [
    'an unknown key',
    'allowed_host: [localhost]',
    /\$\.allowed_host: there is no key.*\n {2}mend: the nearest is "allowed_hosts"/,
  ],
  ['a key that stands twice', 'mock_mode: true\nmock_mode: false', /unique[\s\S]*\n {2}mend: /],
  ['what is no YAML', 'providers: {', /\n {2}mend: /],
])('%s is a mistake, and nothing is started', async (_name, text, words) => {
  const file = folder.file('wrong.yaml', text);
  const dataDir = join(folder.path, 'never-made');
  const ended = await statebag('run', calls(), '--config', file, '--data-dir', dataDir);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
  expect(readdirSync(folder.path)).not.toContain('never-made');
});

test('a file that is named and not there is a mistake', async () => {
  const ended = await statebag('list', '--config', join(folder.path, 'nowhere.yaml'));
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/nowhere\.yaml: cannot be read/) });
});

test('two configurations in one folder are a mistake', async () => {
  folder.file('statebag.config.json', '{}');
  const ended = await statebag('run', calls());
  expect(ended).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/lies beside it\n {2}mend: keep one/),
  });
});

test('a price of one’s own counts, and what an owner may spend on a day is held over all runs', async () => {
  const place = workFolder();
  try {
    const ask = { provider: 'openai-compatible', model: 'm-1', prompt: 'Say', max_tokens: 10 };
    const workflow = place.file('asks.json', {
      name: 'asks',
      nodes: [{ id: 'say', type: 'llm_chat', output_key: 'text', config: ask }],
    });
    // a call costs $3, and 2 tokens of a question and 10 of an answer, $22, are set aside for it
    place.file('statebag.config.json', {
      data_dir: 'data',
      providers: { 'openai-compatible': { base_url: `http://127.0.0.1:${port}/v1` } },
      prices: { m: { input: 1_000_000, output: 2_000_000 } },
      owner_day_limit: { max_cost_usd: 26 },
    });
    const before = asked.length;
    const run = async () => resultOf(await statebag('run', workflow, '--json'));
    const [first, second] = [await run(), await run()];
    expect(first).toMatchObject({ status: 'SUCCEEDED', report: { llm: { cost_usd: 3 } } });
    expect(second).toMatchObject({ status: 'SUCCEEDED' });
    const third = await run();
    expect(third).toMatchObject({ status: 'FAILED', error: { name: 'Run.CostExceeded' } });
    expect(third.error?.message).toMatch(/^node say: the day \d{4}-\d\d-\d\d of the owner: \$6 are spent/);
    expect(asked).toHaveLength(before + 2);
  } finally {
    place.remove();
  }
});
