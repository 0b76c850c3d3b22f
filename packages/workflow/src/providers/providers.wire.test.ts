import { randomBytes } from 'node:crypto';
import { createServer, request as forward, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  isJsonObject,
  isStatebagError,
  type JsonObject,
  type Sha256,
  StatebagError,
} from '@statebag/contracts';
import type { ModelCall } from '@statebag/contracts/schemas/model-call';
import { askModel } from './ask-model.ts';
import { createProviders } from './create-providers.ts';
import { FILE_FORMS } from './file-forms.ts';
import type { LlmFile, LlmProviders, LlmRequest } from './llm-provider.ts';
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
  /** The role of the model in a conversation; `assistant` if not given. */
  readonly answersAs?: string;
  /** How an image and a document say what they are, where that is not their media type. */
  readonly inForms?: readonly [RegExp, RegExp];
  /** How an ordinary answer becomes a refusal, as the API's documentation shows it. */
  readonly refusal: readonly [RegExp, string];
}

/** Every provider as it is reached on the wire. */
const WIRES: Readonly<Record<string, Wire>> = {
  openai: {
    settings: (url) => ({ openai: keyed(`${url}/v1`) }),
    model: 'gpt-4.1-mini',
    path: /^\/v1\/responses$/,
    key: ['authorization', /^Bearer sk-very-secret$/],
    knowsRepeats: true,
    refusal: [/"type":"output_text","text"/, '"type":"refusal","refusal"'],
  },
  anthropic: {
    settings: (url) => ({ anthropic: keyed(`${url}/v1`) }),
    model: 'claude-sonnet-4-5',
    path: /^\/v1\/messages$/,
    key: ['x-api-key', /^sk-very-secret$/],
    knowsRepeats: true,
    refusal: [/"end_turn"/, '"refusal"'],
  },
  google: {
    settings: (url) => ({ google: keyed(`${url}/v1beta`) }),
    model: 'gemini-2.5-flash',
    path: /^\/v1beta\/models\/gemini-2.5-flash:generateContent/,
    key: ['x-goog-api-key', /^sk-very-secret$/],
    knowsRepeats: false,
    answersAs: 'model',
    refusal: [/"STOP"/, '"SAFETY"'],
  },
  bedrock: {
    settings: (url) => ({ bedrock: { region: 'eu-west-1', base_url: url } }),
    model: 'amazon.nova-lite-v1:0',
    path: /^\/model\/amazon.nova-lite-v1(:|%3A)0\/converse$/,
    key: ['authorization', /^AWS4-HMAC-SHA256 Credential=test-key\/\d+\/eu-west-1\/bedrock\//],
    knowsRepeats: false,
    inForms: [/"format":"png"/, /"format":"pdf"/],
    refusal: [/"end_turn"/, '"content_filtered"'],
  },
  'openai-compatible': {
    settings: (url) => ({ 'openai-compatible': keyed(`${url}/v1`) }),
    model: 'local-model',
    path: /^\/v1\/chat\/completions$/,
    key: ['authorization', /^Bearer sk-very-secret$/],
    knowsRepeats: true,
    refusal: [/"finish_reason":"stop"/, '"finish_reason":"content_filter"'],
  },
};

function fileOf(name: string, media_type: string, content: Buffer): LlmFile {
  const pieces = async function* () {
    for (let at = 0; at < content.length; at += 8_191) yield content.subarray(at, at + 8_191);
  };
  return { name, media_type, bytes: content.length, sha256: 'a'.repeat(64) as Sha256, content: pieces };
}
const png = (content: Buffer) => fileOf('scans/a scan_1.png', 'image/png', content);
const pdf = (content: Buffer) => fileOf('letter.pdf', 'application/pdf', content);
/** A file that begins and breaks off. */
const broken: LlmFile = {
  ...png(Buffer.alloc(100_000)),
  content: async function* () {
    yield Buffer.alloc(50_000);
    throw new StatebagError('Store.Unavailable', 'it broke off');
  },
};

const SCHEMA = {
  type: 'object',
  properties: { word: { type: 'string' } },
  required: ['word'],
  additionalProperties: false,
};
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
/**
 * What really went over the wire: the mock keeps its own reading of a request, without schemas and
 * credentials.
 */
let sent: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
const recorder = createServer(async (incoming, outgoing) => {
  const { url: path = '', headers, method } = incoming;
  let body = '';
  try {
    for await (const chunk of incoming) body += String(chunk);
  } catch {
    return; // the request broke off
  }
  sent.push({ path, headers, body });
  const onward = forward(`${service.url}${path}`, { method, headers }, async (answer) => {
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    outgoing
      .writeHead(answer.statusCode ?? 0, { 'content-type': answer.headers['content-type'] })
      .end(rewrite(text));
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

async function failureOf(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await work;
    return { code: 'no error', message: '' };
  } catch (error) {
    return isStatebagError(error)
      ? { code: error.name, message: error.message }
      : { code: String(error), message: String(error) };
  }
}

/**
 * The model answers these in turn, the last one for good: as text, or by calling the tool that stands for the
 * schema, whichever way it was asked.
 */
function answering(...values: readonly JsonObject[]): void {
  let asked = 0;
  service.onMessage(/./, ({ tools = [] }) => {
    const text = JSON.stringify(values[Math.min(asked, values.length - 1)]);
    asked += 1;
    return tools.length > 0
      ? { toolCalls: [{ name: 'json', arguments: text }], usage: USAGE }
      : { content: text, usage: USAGE };
  });
}

function omitSchema({ response_schema: _, ...question }: ModelCall): ModelCall {
  return question;
}

for (const [name, wire] of Object.entries(WIRES)) {
  const { settings, model, path, key, knowsRepeats, answersAs = 'assistant', inForms, refusal } = wire;
  describe(`the provider ${name}`, () => {
    let providers: LlmProviders;
    beforeEach(() => {
      providers = createProviders(settings(url));
    });

    const ask = async (change: Partial<LlmRequest> = {}) =>
      (await providers(name)).complete({
        model,
        prompt: 'Hi.',
        idempotency_key: 'key-1',
        timeout_ms: 2_000,
        ...change,
      });

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

    test('sends a conversation in its order, by the roles that the service knows', async () => {
      service.onMessage(/./, { content: 'Hello.' });
      const earlier = [
        { role: 'user', content: 'First said.' },
        { role: 'assistant', content: 'Then answered.' },
      ] as const;
      await ask({ system: 'Be brief.', earlier, prompt: 'Now asked.' });
      const body: JsonObject = JSON.parse(sent[0]?.body ?? '{}');
      const turns = body['messages'] ?? body['contents'] ?? body['input'];
      const said = (Array.isArray(turns) ? turns : [])
        .map((turn) => [isJsonObject(turn) && turn['role'], JSON.stringify(turn)] as const)
        .filter(([role]) => role === 'user' || role === answersAs);
      expect(said).toEqual([
        ['user', expect.stringContaining('First said.')],
        [answersAs, expect.stringContaining('Then answered.')],
        ['user', expect.stringContaining('Now asked.')],
      ]);
    });

    test('asks for JSON of the schema and gives it', async () => {
      answering({ word: 'yes' });
      const { text } = await ask({ response_schema: SCHEMA });
      expect(JSON.parse(text)).toEqual({ word: 'yes' });
      expect(sent[0]?.body).toMatch(/"word"/);
    });

    if (name in FILE_FORMS) {
      test('sends images and documents whole, with what they are', async () => {
        service.onMessage(/./, { content: 'Hello.' });
        const contents = [Buffer.from('\x89PNG, and so on'), randomBytes(70_001)] as const;
        await ask({ prompt: 'What is it?', files: [png(contents[0]), pdf(contents[1])] });
        const [{ headers, body } = { headers: {}, body: '' }] = sent;
        expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
        expect(JSON.parse(body)).toBeInstanceOf(Object);
        for (const content of contents) expect(body).toContain(content.toString('base64'));
        expect(body).toMatch(inForms?.[0] ?? /image\/png/);
        expect(body).toMatch(inForms?.[1] ?? /application\/pdf/);
        expect(body.indexOf('What is it?')).toBeGreaterThan(body.indexOf(contents[0].toString('base64')));
      });

      test('says why where a file cannot be read to its end, and the service gets no whole request', async () => {
        service.onMessage(/./, { content: 'Hello.' });
        const failure = await failureOf(ask({ files: [broken] }));
        expect(failure).toEqual({ code: 'Store.Unavailable', message: 'it broke off' });
        expect(sent).toEqual([]);
      });
    }

    const question: ModelCall = {
      provider: name,
      model,
      prompt: 'Hi.',
      tries: 2,
      timeout_ms: 2_000,
      response_schema: SCHEMA,
    };
    const asking = () => ({ providers, key: 'a'.repeat(64) as Sha256, timeLeft: (millis: number) => millis });

    test('is asked again when its answer breaks the schema, and both answers are counted', async () => {
      answering({ word: 7 }, { word: 'yes' });
      const { result, usage } = await askModel(question, asking());
      expect(result).toEqual({ answer: { word: 'yes' }, refused: ['{"word":7}'] });
      expect(usage).toMatchObject({ llm_calls: 2, input_tokens: 24, output_tokens: 6 });
      expect(sent.map(({ body }) => body.includes('Your last answer was refused'))).toEqual([false, true]);
    });

    test('says Llm.OutputInvalid when no answer obeys the schema', async () => {
      answering({ word: 7 });
      expect((await failureOf(askModel(question, asking()))).code).toBe('Llm.OutputInvalid');
      expect(sent).toHaveLength(2);
    });

    /** Figures that are no counts, in place of 12 and 3. */
    const figures: readonly [string, string, string][] = [
      ['negative', '-12', '-3'],
      ['fractional', '12.5', '3.25'],
      ['huge', '1e300', '9007199254740993'],
      ['beyond all numbers', '1e999', '-1e999'],
      ['texts', '"many"', '"few"'],
    ];
    for (const [what, input, output] of figures) {
      test(`is estimated, and its answer kept, where its figures are ${what}`, async () => {
        answering({ word: 'yes' });
        rewrite = (answer) => answer.replaceAll(/":12\b/g, `":${input}`).replaceAll(/":3\b/g, `":${output}`);
        const { result, usage } = await askModel(question, asking());
        expect(result).toEqual({ answer: { word: 'yes' }, usage_estimated: true });
        for (const count of Object.values(usage))
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      });
    }

    test('gives whole characters where its answer holds half a one', async () => {
      service.onMessage(/./, { content: 'HALF', usage: USAGE });
      rewrite = (answer) => answer.replace('HALF', String.raw`a\ud800b`);
      const { result } = await askModel({ ...omitSchema(question), tries: 1 }, asking());
      expect(result).toEqual({ answer: 'a\ufffdb' });
    });

    test('is cut off where its answer is longer than it may be', async () => {
      service.onMessage(/./, { content: 'Hello.', usage: USAGE });
      rewrite = (answer) => answer + ' '.repeat(200_000);
      const failure = await failureOf(askModel({ ...omitSchema(question), max_bytes: 100_000 }, asking()));
      expect(failure).toEqual({
        code: 'Llm.AnswerTooLarge',
        message: `${model} answered with more than 100000 bytes; the rest was not read`,
      });
      expect(sent).toHaveLength(1);
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
        service.onMessage(/./, {
          error: { message: name === 'bedrock' ? 'no' : `no, ${SECRET}`, type: 'some_error' },
          status,
        });
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
      expect(
        (await failureOf(nobody.complete({ model, prompt: 'x', idempotency_key: 'k', timeout_ms: 500 })))
          .code,
      ).toBe('Llm.Unavailable');
    });
  });
}
