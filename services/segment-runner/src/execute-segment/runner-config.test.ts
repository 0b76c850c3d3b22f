import { expect, test } from '@jest/globals';
import { openProviders } from './open-providers.ts';
import { readRunnerConfig } from './runner-config.ts';

const BUCKET = { STATE_BUCKET: 'state-bucket' };

test('mock mode is off unless the deployment says otherwise, and prod refuses it', () => {
  expect(readRunnerConfig(BUCKET).mockMode).toBe(false);
  expect(readRunnerConfig({ ...BUCKET, MOCK_MODE: 'true', STAGE: 'dev' }).mockMode).toBe(true);
  expect(() => readRunnerConfig({ ...BUCKET, MOCK_MODE: 'true', STAGE: 'prod' })).toThrow(expect.objectContaining({ name: 'Contract.Misconfigured' }));
});

test('a malformed variable is named before the first event', () => {
  expect(() => readRunnerConfig({ ...BUCKET, MOCK_MODE: 'yes' })).toThrow(/MOCK_MODE/);
  expect(() => readRunnerConfig({})).toThrow(/STATE_BUCKET is missing/);
});

test('the provider’s key is read once, with the first call that needs it', async () => {
  const read: string[] = [];
  const providers = openProviders({ mockMode: false, llmBaseUrl: 'http://127.0.0.1:1/v1', llmApiKeyParameter: '/statebag/key' }, async (name) => {
    read.push(name);
    return 'key';
  });
  await providers('mock');
  expect(read).toEqual([]);
  await Promise.all([providers('openai-compatible'), providers('openai-compatible')]);
  expect(read).toEqual(['/statebag/key']);
});

test('in mock mode every provider is the mock, and no key is read', async () => {
  const providers = openProviders({ mockMode: true, llmBaseUrl: 'http://127.0.0.1:1/v1', llmApiKeyParameter: '/statebag/key' }, () =>
    Promise.reject(new Error('read')),
  );
  const provider = await providers('openai-compatible');
  const answer = await provider.complete({ model: 'm', prompt: 'Say hello', idempotency_key: 'k', timeout_ms: 1 });
  expect(answer.text).toMatch(/Say hello/);
});

test('a provider that is not configured is refused by name', async () => {
  const providers = openProviders({ mockMode: false, llmBaseUrl: undefined, llmApiKeyParameter: undefined }, () => Promise.reject(new Error('read')));
  await expect(providers('openai-compatible')).rejects.toThrow(expect.objectContaining({ name: 'Llm.Unconfigured' }));
});
