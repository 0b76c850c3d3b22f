import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ANSWER_BYTES } from '@statebag/contracts/limits';
import { createProviders } from './create-providers.ts';

/** What lies in buffers of the system on both sides. */
const UNDER_WAY = 8 * 1024 * 1024;

let server: Server;
let url: string;
let written = 0;

/** `/endless` never stops, `/<status>` answers with that status. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const [, step = ''] = (request.url ?? '').split('/');
    if (step !== 'endless') return void response.writeHead(Number(step)).end();
    const block = Buffer.alloc(64 * 1024, ' ');
    const more = (): void => {
      while (!response.destroyed && response.write(block)) written += block.length;
      written += block.length;
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.on('drain', more);
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

async function codeOf(step: string): Promise<string> {
  const api_key = async () => 'key\n';
  const providers = createProviders({ 'openai-compatible': { base_url: `${url}/${step}`, api_key } });
  const provider = await providers('openai-compatible');
  const request = { model: 'm', prompt: 'p', idempotency_key: 'k', timeout_ms: 20_000 };
  return provider.complete(request).then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.name : 'no Error'),
  );
}

test('no more of an endless answer is read than an answer may be', async () => {
  expect(await codeOf('endless')).toBe('Llm.AnswerTooLarge');
  expect(written).toBeLessThan(ANSWER_BYTES.usual + UNDER_WAY);
});

for (const [status, code] of [
  ['204', 'Llm.Unavailable'],
  ['205', 'Llm.Unavailable'],
  ['304', 'Llm.RequestRejected'],
  ['999', 'Llm.Unavailable'],
] as const)
  test(`an answer with the status ${status} is a failure with a code`, async () =>
    expect(await codeOf(status)).toBe(code));
