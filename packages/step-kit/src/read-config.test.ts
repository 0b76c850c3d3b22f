import { describe, expect, test } from '@jest/globals';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { readConfig } from './read-config.ts';

describe('reading the environment', () => {
  test('takes the defaults of all thresholds but the named ones', () => {
    const config = readConfig({
      STATE_BUCKET: 'my-bucket',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      STATE_THRESHOLDS: '{"inlineState":1000}',
    });
    expect(config).toMatchObject({
      bucket: 'my-bucket',
      functionName: 'f',
      thresholds: { ...THRESHOLDS, inlineState: 1_000 },
    });
  });

  test('bounds what a run has at work at once where the environment says it', () => {
    const bound = (FUNCTIONS_AT_ONCE: string) =>
      readConfig({ STATE_BUCKET: 'my-bucket', FUNCTIONS_AT_ONCE }).thresholds.functionsAtOnce;
    expect([bound('7'), bound('')]).toEqual([7, THRESHOLDS.functionsAtOnce]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'so many functions at once that are none',
      { STATE_BUCKET: 'abc', FUNCTIONS_AT_ONCE: '0' },
      /FUNCTIONS_AT_ONCE is 0, no whole number from 1/,
    ],
    ['a missing bucket', {}, /STATE_BUCKET is missing/],
    ['a malformed bucket', { STATE_BUCKET: 'No Bucket' }, /STATE_BUCKET does not match/],
    [
      'thresholds that are no JSON',
      { STATE_BUCKET: 'abc', STATE_THRESHOLDS: '{' },
      /STATE_THRESHOLDS is not JSON/,
    ],
    [
      'thresholds that are no object',
      { STATE_BUCKET: 'abc', STATE_THRESHOLDS: '[]' },
      /STATE_THRESHOLDS is not a JSON object/,
    ],
    [
      'an unknown threshold',
      { STATE_BUCKET: 'abc', STATE_THRESHOLDS: '{"toString":1}' },
      /STATE_THRESHOLDS has no threshold "toString"/,
    ],
    [
      'a negative threshold',
      { STATE_BUCKET: 'abc', STATE_THRESHOLDS: '{"field":-1}' },
      /whole number as field/,
    ],
  ])('refuses %s and names the variable', (_what, environment, message) => {
    expect(() => readConfig(environment)).toThrow(
      expect.objectContaining({ name: 'Contract.Misconfigured', message: expect.stringMatching(message) }),
    );
  });
});
