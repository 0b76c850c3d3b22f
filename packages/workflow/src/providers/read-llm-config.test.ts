import { describe, expect, test } from '@jest/globals';
import { modelServer } from '../../test/model-server.ts';
import { openProviders } from './open-providers.ts';
import { readLlmConfig } from './read-llm-config.ts';

const QUESTION = { model: 'm', prompt: 'Say hello', idempotency_key: 'k', timeout_ms: 500 };
const NOBODY = 'http://127.0.0.1:9/v1';

describe('the environment of models', () => {
  test('mock mode is off unless the deployment says otherwise, and prod refuses it', () => {
    expect(readLlmConfig({}).mockMode).toBe(false);
    expect(readLlmConfig({ MOCK_MODE: 'true', STAGE: 'dev' }).mockMode).toBe(true);
    expect(() => readLlmConfig({ MOCK_MODE: 'true', STAGE: 'prod' })).toThrow(
      expect.objectContaining({ name: 'Contract.Misconfigured' }),
    );
  });

  test('names where a key lies, never a key', () => {
    const LLM_PROVIDERS = JSON.stringify({
      anthropic: { key_parameter: '/statebag/anthropic' },
      bedrock: {},
    });
    expect(
      readLlmConfig({
        LLM_PROVIDERS,
        AWS_REGION: 'eu-west-1',
        LLM_BASE_URL: NOBODY,
        LLM_API_KEY_PARAMETER: '/statebag/key',
      }).llmProviders,
    ).toEqual({
      anthropic: { key_parameter: '/statebag/anthropic' },
      bedrock: { region: 'eu-west-1' },
      'openai-compatible': { base_url: NOBODY, key_parameter: '/statebag/key' },
    });
    expect(() => readLlmConfig({ LLM_PROVIDERS: '{"openai":{"api_key":"sk-1"}}' })).toThrow(/not api_key/);
  });

  test('takes a parameter in the place of the settings of a compatible service', () => {
    const settings = { settings_parameter: '/statebag/local/provider' };
    const LLM_PROVIDERS = JSON.stringify({ 'openai-compatible': settings });
    expect(readLlmConfig({ LLM_PROVIDERS }).llmProviders).toEqual({ 'openai-compatible': settings });
    const google = JSON.stringify({ google: settings });
    expect(() => readLlmConfig({ LLM_PROVIDERS: google })).toThrow(/not settings_parameter/);
  });

  const malformed: readonly [string, string, RegExp][] = [
    ['what is no JSON', '{', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['an unknown provider', '{"toString":{}}', /no provider "toString"/],
    ['a provider without its key', '{"google":{}}', /needs key_parameter for google/],
    [
      'a limit that is a text',
      '{"bedrock":{"region":"r","at_once":"9"}}',
      /whole number .* at_once of bedrock/,
    ],
    ['a region that is a number', '{"bedrock":{"region":1}}', /not region/],
  ];
  for (const [what, LLM_PROVIDERS, message] of malformed) {
    test(`refuses ${what} and names the variable`, () => {
      expect(() => readLlmConfig({ LLM_PROVIDERS })).toThrow(
        expect.objectContaining({ name: 'Contract.Misconfigured', message: expect.stringMatching(message) }),
      );
    });
  }
});

test('settings in a parameter are read with each call, so another address counts at once', async () => {
  const one = await modelServer();
  const other = await modelServer();
  const LLM_PROVIDERS = JSON.stringify({ 'openai-compatible': { settings_parameter: '/p' } });
  let text = JSON.stringify({ base_url: one.url });
  const providers = openProviders(readLlmConfig({ LLM_PROVIDERS }), async () => text);
  const ask = async () => (await providers('openai-compatible')).complete({ ...QUESTION, timeout_ms: 5_000 });
  try {
    await ask();
    text = JSON.stringify({ base_url: other.url });
    await ask();
    expect([one.asked.length, other.asked.length]).toEqual([1, 1]);
    text = '{"key":1}';
    await expect(ask()).rejects.toMatchObject({ name: 'Llm.Unconfigured' });
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

describe('the providers of a deployment', () => {
  const config = readLlmConfig({ LLM_BASE_URL: NOBODY, LLM_API_KEY_PARAMETER: '/statebag/key' });

  test('read a key once, with the first call that needs it', async () => {
    const read: string[] = [];
    const providers = openProviders(config, async (name) => {
      read.push(name);
      return 'key';
    });
    await providers('mock');
    expect(read).toEqual([]);
    await Promise.all([providers('openai-compatible'), providers('openai-compatible')]);
    expect(read).toEqual(['/statebag/key']);
  });

  test('read a key again when it could not be read', async () => {
    let tries = 0;
    const providers = openProviders(config, async () => {
      tries += 1;
      if (tries === 1) throw new Error('later');
      return 'key';
    });
    await expect(providers('openai-compatible')).rejects.toThrow('later');
    await providers('openai-compatible');
    expect(tries).toBe(2);
  });

  test('are all the mock in mock mode, and no key is read', async () => {
    const provider = await openProviders({ ...config, mockMode: true }, () =>
      Promise.reject(new Error('read')),
    )('openai');
    expect((await provider.complete(QUESTION)).text).toMatch(/Say hello/);
  });

  for (const name of ['openai', 'anthropic', 'google', 'bedrock', 'nobody']) {
    test(`refuse ${name} by name where it is not configured`, async () => {
      await expect(openProviders(config, async () => '')(name)).rejects.toThrow(
        expect.objectContaining({ name: 'Llm.Unconfigured' }),
      );
    });
  }
});
