import { expect, test } from '@jest/globals';
import { openDeps } from '@statebag/step-kit';
import { readRunnerConfig } from './open-outside.ts';

/** All that a runner is configured with. */
function configOf(environment: Record<string, string>) {
  return { ...openDeps('segment-runner', environment).config, ...readRunnerConfig(environment) };
}

const BUCKET = { STATE_BUCKET: 'state-bucket' };

test('the runner has what every step has, its providers and its hosts', () => {
  const environment = {
    ...BUCKET,
    LLM_BASE_URL: 'http://127.0.0.1:1/v1',
    HTTP_ALLOWED_HOSTS: 'a.example, b.example,',
    CAUSES_SHOW_VALUES: 'true',
  };
  expect(configOf(environment)).toMatchObject({
    bucket: 'state-bucket',
    mockMode: false,
    causesShowValues: true,
    llmProviders: { 'openai-compatible': { base_url: 'http://127.0.0.1:1/v1' } },
    httpAllowedHosts: ['a.example', 'b.example'],
  });
});

test('a missing or malformed variable is named before the first event', () => {
  expect(() => configOf({ ...BUCKET, MOCK_MODE: 'yes' })).toThrow(/MOCK_MODE/);
  expect(() => configOf({ ...BUCKET, CAUSES_SHOW_VALUES: '1' })).toThrow(/CAUSES_SHOW_VALUES/);
  expect(configOf(BUCKET)).toMatchObject({ causesShowValues: false });
  expect(() => configOf({})).toThrow(/STATE_BUCKET is missing/);
});
