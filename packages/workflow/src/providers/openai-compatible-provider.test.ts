import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isJsonObject, isStatebagError, type JsonObject } from '@statebag/contracts';
import type { LlmRequest } from './llm-provider.ts';
import { openAiCompatibleProvider } from './openai-compatible-provider.ts';

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: JsonObject;
}

let server: Server;
let base_url: string;
let seen: Seen[];
let reply: { readonly status: number; readonly body: unknown; readonly delay?: number };

const ANSWER = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body: unknown = JSON.parse(text);
    seen.push({ url: request.url ?? '', headers: request.headers, body: isJsonObject(body) ? body : {} });
    setTimeout(() => response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body)), reply.delay ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`; // it listens on TCP
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  seen = [];
  reply = { status: 200, body: ANSWER };
});

function ask(change: Partial<LlmRequest> = {}) {
  const request = { model: 'gpt-4o-mini', prompt: 'Hi.', idempotency_key: 'key-1', timeout_ms: 2_000, ...change };
  return openAiCompatibleProvider({ base_url, api_key: 'secret' }).complete(request);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return isStatebagError(error) ? error.name : String(error);
  }
}

describe('the OpenAI-compatible provider', () => {
  test('gives text and tokens', async () => expect(await ask()).toEqual({ text: 'Hello.', input_tokens: 12, output_tokens: 3 }));

  test('sends key, idempotency key and settings', async () => {
    await ask({ system: 'Be brief.', temperature: 0, max_tokens: 50 });
    const [{ url, headers, body } = { url: '', headers: {}, body: {} }] = seen;
    expect([url, headers['authorization'], headers['idempotency-key']]).toEqual(['/v1/chat/completions', 'Bearer secret', 'key-1']);
    expect(body).toMatchObject({
      model: 'gpt-4o-mini',
      temperature: 0,
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi.' },
      ],
    });
  });

  test('asks for JSON of the schema', async () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    await ask({ response_schema: schema });
    expect(seen[0]?.body['response_format']).toMatchObject({ type: 'json_schema', json_schema: { schema } });
  });

  test('asks once: trying again is for the state machine', async () => {
    reply = { status: 503, body: { error: { message: 'busy' } } };
    await codeOf(ask());
    expect(seen).toHaveLength(1);
  });

  const failures: readonly [number, string][] = [
    [429, 'Llm.Unavailable'],
    [408, 'Llm.Unavailable'],
    [500, 'Llm.Unavailable'],
    [400, 'Llm.RequestRejected'],
    [404, 'Llm.RequestRejected'],
    [401, 'Llm.Unconfigured'],
  ];
  for (const [status, code] of failures) {
    test(`says ${code} when the service answers ${status}`, async () => {
      reply = { status, body: { error: { message: 'no' } } };
      expect(await codeOf(ask())).toBe(code);
    });
  }

  test('says Llm.Unavailable when no answer comes in time', async () => {
    reply = { status: 200, body: ANSWER, delay: 90 };
    expect(await codeOf(ask({ timeout_ms: 30 }))).toBe('Llm.Unavailable');
  });

  test('says Llm.Unavailable when nobody listens', async () => {
    const nobody = openAiCompatibleProvider({ base_url: 'http://127.0.0.1:9/v1', api_key: 'secret' });
    expect(await codeOf(nobody.complete({ model: 'm', prompt: 'x', idempotency_key: 'k', timeout_ms: 500 }))).toBe('Llm.Unavailable');
  });
});
