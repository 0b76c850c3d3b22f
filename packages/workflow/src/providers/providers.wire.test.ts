import { createServer, request as forward, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isStatebagError, type JsonObject, type ModelCall, type Sha256 } from '@statebag/contracts';
import { askModel } from './ask-model.ts';
import { createProviders } from './create-providers.ts';
import type { LlmProviders, LlmRequest } from './llm-provider.ts';
import type { ProviderSettings } from './provider-settings.ts';

const SECRET = 'sk-very-secret';
const api_key = async () => SECRET;
const keyed = (base_url: string) => ({ base_url, api_key });

interface Wire {
  readonly settings: (url: string) => ProviderSettings;
  readonly model: string;
  readonly path: RegExp;
  readonly key: readonly [header: string, value: RegExp];
  readonly knowsRepeats: boolean;
  /** How an ordinary answer becomes a refusal, as the API's documentation shows it. */
  readonly refusal: readonly [RegExp, string];
}

/** Every provider as it is reached on the wire. */
const WIRES: Readonly<Record<string, Wire>> = {
  openai: {
    settings: (url) => ({ openai: keyed(`${url}/v1`) }),
    ...{ model: 'gpt-4.1-mini', path: /^\/v1\/responses$/, key: ['authorization', /^Bearer sk-very-secret$/], knowsRepeats: true },
    refusal: [/"type":"output_text","text"/, '"type":"refusal","refusal"'],
  },
  anthropic: {
    settings: (url) => ({ anthropic: keyed(`${url}/v1`) }),
    ...{ model: 'claude-sonnet-4-5', path: /^\/v1\/messages$/, key: ['x-api-key', /^sk-very-secret$/], knowsRepeats: true },
    refusal: [/"end_turn"/, '"refusal"'],
  },
  google: {
    settings: (url) => ({ google: keyed(`${url}/v1beta`) }),
    ...{
      model: 'gemini-2.5-flash',
      path: /^\/v1beta\/models\/gemini-2.5-flash:generateContent/,
      key: ['x-goog-api-key', /^sk-very-secret$/],
      knowsRepeats: false,
    },
    refusal: [/"STOP"/, '"SAFETY"'],
  },
  bedrock: {
    settings: (url) => ({ bedrock: { region: 'eu-west-1', base_url: url } }),
    model: 'amazon.nova-lite-v1:0',
    path: /^\/model\/amazon.nova-lite-v1(:|%3A)0\/converse$/,
    key: ['authorization', /^AWS4-HMAC-SHA256 Credential=test-key\/\d+\/eu-west-1\/bedrock\//],
    knowsRepeats: false,
    refusal: [/"end_turn"/, '"content_filtered"'],
  },
  'openai-compatible': {
    settings: (url) => ({ 'openai-compatible': keyed(`${url}/v1`) }),
    ...{ model: 'local-model', path: /^\/v1\/chat\/completions$/, key: ['authorization', /^Bearer sk-very-secret$/], knowsRepeats: true },
    refusal: [/"finish_reason":"stop"/, '"finish_reason":"content_filter"'],
  },
};

const SCHEMA = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'], additionalProperties: false };
const USAGE = {
  prompt_tokens: 12,
  completion_tokens: 3,
  input_tokens: 12,
  output_tokens: 3,
  promptTokenCount: 12,
  candidatesTokenCount: 3,
  totalTokenCount: 15,
};

const service = new LLMock({ port: 0, logLevel: 'silent' });
/** What really went over the wire: the mock keeps its own reading of a request, without schemas and credentials. */
let sent: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
const recorder = createServer(async (incoming, outgoing) => {
  const { url: path = '', headers, method } = incoming;
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  sent.push({ path, headers, body });
  const onward = forward(`${service.url}${path}`, { method, headers }, async (answer) => {
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    outgoing.writeHead(answer.statusCode ?? 0, { 'content-type': answer.headers['content-type'] }).end(rewrite(text));
  });
  onward.on('error', () => outgoing.destroy()).end(body);
});
let url: string;
let rewrite: (answer: string) => string;

beforeAll(async () => {
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`; // it listens on TCP
  process.env['AWS_ACCESS_KEY_ID'] = 'test-key';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test-secret';
  await service.start();
});
afterAll(async () => {
  await service.stop();
  await new Promise((resolve) => recorder.close(resolve));
});
beforeEach(() => {
  service.clearFixtures();
  sent = [];
  rewrite = (answer) => answer;
});

async function failureOf(work: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await work;
    return { code: 'no error', message: '' };
  } catch (error) {
    return isStatebagError(error) ? { code: error.name, message: error.message } : { code: String(error), message: String(error) };
  }
}

/** The model answers these in turn, the last one for good: as text, or by calling the tool that stands for the schema, whichever way it was asked. */
function answering(...values: readonly JsonObject[]): void {
  let asked = 0;
  service.onMessage(/./, ({ tools = [] }) => {
    const text = JSON.stringify(values[Math.min(asked, values.length - 1)]);
    asked += 1;
    return tools.length > 0 ? { toolCalls: [{ name: 'json', arguments: text }], usage: USAGE } : { content: text, usage: USAGE };
  });
}

for (const [name, { settings, model, path, key, knowsRepeats, refusal }] of Object.entries(WIRES)) {
  describe(`the provider ${name}`, () => {
    let providers: LlmProviders;
    beforeEach(() => {
      providers = createProviders(settings(url));
    });

    const ask = async (change: Partial<LlmRequest> = {}) =>
      (await providers(name)).complete({ model, prompt: 'Hi.', idempotency_key: 'key-1', timeout_ms: 2_000, ...change });

    test('gives text and tokens', async () => {
      service.onMessage(/./, { content: 'Hello.', usage: USAGE });
      expect(await ask()).toEqual({ text: 'Hello.', input_tokens: 12, output_tokens: 3 });
    });

    test('sends its key and, where the API knows it, the idempotency key', async () => {
      service.onMessage(/./, { content: 'Hello.' });
      await ask({ system: 'Be brief.', temperature: 0, max_tokens: 50 });
      const [{ headers, ...request } = { path: '', headers: {}, body: '' }] = sent;
      expect(request.path).toMatch(path);
      expect(headers[key[0]]).toMatch(key[1]);
      expect(headers['idempotency-key']).toBe(knowsRepeats ? 'key-1' : undefined);
      expect(request.body).toMatch(/Be brief\./);
      expect(request.body).toMatch(/"(max_tokens|max_output_tokens|maxOutputTokens|maxTokens)":50/);
    });

    test('asks for JSON of the schema and gives it', async () => {
      answering({ word: 'yes' });
      const { text } = await ask({ response_schema: SCHEMA });
      expect(JSON.parse(text)).toEqual({ word: 'yes' });
      expect(sent[0]?.body).toMatch(/"word"/);
    });

    const question: ModelCall = { provider: name, model, prompt: 'Hi.', tries: 2, timeout_ms: 2_000, response_schema: SCHEMA };
    const asking = () => ({ providers, key: 'a'.repeat(64) as Sha256, timeLeft: (millis: number) => millis });

    test('is asked again when its answer breaks the schema, and both answers are counted', async () => {
      answering({ word: 7 }, { word: 'yes' });
      const { result, usage } = await askModel(question, asking());
      expect(result).toEqual({ answer: { word: 'yes' } });
      expect(usage).toMatchObject({ llm_calls: 2, input_tokens: 24, output_tokens: 6 });
      expect(sent.map(({ body }) => body.includes('Your last answer was refused'))).toEqual([false, true]);
    });

    test('says Llm.OutputInvalid when no answer obeys the schema', async () => {
      answering({ word: 7 });
      expect((await failureOf(askModel(question, asking()))).code).toBe('Llm.OutputInvalid');
      expect(sent).toHaveLength(2);
    });

    const failures: readonly [number, string][] = [
      [429, 'Llm.Unavailable'],
      [408, 'Llm.Unavailable'],
      [500, 'Llm.Unavailable'],
      [503, 'Llm.Unavailable'],
      [529, 'Llm.Unavailable'],
      [400, 'Llm.RequestRejected'],
      [404, 'Llm.RequestRejected'],
      [401, 'Llm.Unconfigured'],
      [403, 'Llm.Unconfigured'],
    ];
    for (const [status, code] of failures) {
      test(`says ${code} after one request when the service answers ${status}`, async () => {
        service.onMessage(/./, { error: { message: name === 'bedrock' ? 'no' : `no, ${SECRET}`, type: 'some_error' }, status });
        const failure = await failureOf(ask());
        expect([failure.code, sent.length]).toEqual([code, 1]);
        expect(failure.message).not.toContain(SECRET);
      });
    }

    test('says Llm.Refused when the model refuses, as each API says it', async () => {
      rewrite = (answer) => answer.replace(...refusal);
      service.onMessage(/./, { content: 'I cannot help.', usage: USAGE });
      expect((await failureOf(ask())).code).toBe('Llm.Refused');
    });

    test('says Llm.Unavailable when no answer comes in time', async () => {
      service.setChaos({ latencyMs: 90 });
      service.onMessage(/./, { content: 'Hello.' }, { latency: 90 });
      const failure = await failureOf(ask({ timeout_ms: 30 }));
      service.clearChaos();
      expect(failure).toEqual({ code: 'Llm.Unavailable', message: `${model} did not answer within 30 ms` });
    });

    test('stops at once when nobody waits any more', async () => {
      service.setChaos({ latencyMs: 90 });
      service.onMessage(/./, { content: 'Hello.' });
      const failure = await failureOf(ask({ signal: AbortSignal.abort(new Error('lost')) }));
      service.clearChaos();
      expect(failure.code).toBe('Error: lost');
    });

    test('says Llm.Unavailable when nobody listens', async () => {
      const nobody = await createProviders(settings('http://127.0.0.1:9'))(name);
      expect((await failureOf(nobody.complete({ model, prompt: 'x', idempotency_key: 'k', timeout_ms: 500 }))).code).toBe('Llm.Unavailable');
    });
  });
}
