import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PROVIDER_PARAMETER, parameterOfVariable } from './local-parameters.ts';
import { keepProvider } from './local-provider.ts';
import { localSecrets } from './local-secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const secret = (name: string, environment = {}) =>
  localSecrets(folder, environment)(`/statebag/local/secrets/${name}`);

test('a secret is found in a file of lines', () => {
  writeFileSync(join(folder, 'secrets'), '# keys\nother=1\nshop=a=b \n', { mode: 0o600 });
  expect(secret('shop')).toEqual({ value: 'a=b ' });
});
test('a secret is found in a folder with a file for each', () => {
  mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
  writeFileSync(join(folder, 'secrets', 'shop'), 'one\ntwo\n', { mode: 0o600 });
  expect(secret('shop')).toEqual({ value: 'one\ntwo' });
});
test('the environment goes before the file', () => {
  writeFileSync(join(folder, 'secrets'), 'shop-key=file', { mode: 0o600 });
  expect(secret('shop-key', { STATEBAG_SECRET_SHOP_KEY: 'variable' })).toEqual({ value: 'variable' });
});
test('a file that others can read is not used, and the way out is said', () => {
  const file = join(folder, 'secrets');
  writeFileSync(file, 'shop=s3cret');
  chmodSync(file, 0o644);
  expect(secret('shop')).toEqual({ missing: expect.stringContaining(`chmod 600 ${file}`) });
});
test('a secret of Secrets Manager is looked for at the same places', () => {
  const held = localSecrets(folder, { STATEBAG_SECRET_SHOP: 'variable' });
  expect(held('/aws/reference/secretsmanager/statebag/local/secrets/shop')).toEqual({ value: 'variable' });
  expect(held('/aws/reference/secretsmanager/statebag/prod/secrets/shop')).toBeNull();
});
test('a secret that is nowhere says where it is looked for', () =>
  expect(secret('shop')).toEqual({ missing: expect.stringContaining('STATEBAG_SECRET_SHOP') }));
test.each(['..', 'a/b', '', '.hidden', `${'a'.repeat(65)}`])('%j is no name of a secret', (name) =>
  expect(secret(name) === null || 'missing' in Object(secret(name))).toBe(true),
);
test('keys of providers are read from the variables that hold them', () => {
  const held = localSecrets(folder, { STATEBAG_LLM_API_KEY: 'one', OTHER: 'two' });
  expect(held('/statebag/local/llm-api-key')).toEqual({ value: 'one' });
  expect(held(parameterOfVariable('OTHER'))).toEqual({ value: 'two' });
  expect(held(parameterOfVariable('NONE'))).toEqual({ missing: expect.stringContaining('NONE') });
});
test('a parameter that is none of these is left to the cloud', () =>
  expect(localSecrets(folder, {})('/statebag/local/rollout')).toBeNull());

test('the address of the service is kept for its owner alone, and says which key goes with it', () => {
  const keyless = localSecrets(folder, {});
  expect(keyless(PROVIDER_PARAMETER)).toEqual({ missing: expect.stringContaining('--provider-url') });
  keepProvider(folder, 'http://127.0.0.1:1/v1');
  expect(keyless(PROVIDER_PARAMETER)).toEqual({ value: '{"base_url":"http://127.0.0.1:1/v1"}' });
  keepProvider(folder, 'http://127.0.0.1:2/v1');
  const keyed = localSecrets(folder, { STATEBAG_LLM_API_KEY: 'k' })(PROVIDER_PARAMETER);
  const key_parameter = parameterOfVariable('STATEBAG_LLM_API_KEY');
  expect(keyed).toEqual({ value: JSON.stringify({ base_url: 'http://127.0.0.1:2/v1', key_parameter }) });
  expect(statSync(join(folder, 'provider.json')).mode & 0o077).toBe(0);
});
