import { expect, test } from '@jest/globals';
import { readRunnerConfig } from './runner-config.ts';

const BUCKET = { STATE_BUCKET: 'state-bucket' };

test('the runner has what every step has, its providers and its hosts', () => {
  const environment = { ...BUCKET, LLM_BASE_URL: 'http://127.0.0.1:1/v1', HTTP_ALLOWED_HOSTS: 'a.example, b.example,' };
  expect(readRunnerConfig(environment)).toMatchObject({
    bucket: 'state-bucket',
    mockMode: false,
    llmProviders: { 'openai-compatible': { base_url: 'http://127.0.0.1:1/v1' } },
    httpAllowedHosts: ['a.example', 'b.example'],
  });
});

test('a missing or malformed variable is named before the first event', () => {
  expect(() => readRunnerConfig({ ...BUCKET, MOCK_MODE: 'yes' })).toThrow(/MOCK_MODE/);
  expect(() => readRunnerConfig({})).toThrow(/STATE_BUCKET is missing/);
});
