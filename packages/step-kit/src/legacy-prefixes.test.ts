import { describe, expect, test } from '@jest/globals';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { confine } from '@statebag/contracts/object-keys';
import { legacyPrefixesOf, legacyPrefixTemplates } from './legacy-prefixes.ts';

// ids by sight
const run = { bucket: 'state-bucket', owner_id: 'o1' as OwnerId, execution_id: 'e1' as ExecutionId };

describe('prefixes of the first generation', () => {
  test('are those of the run alone', () => {
    const legacyPrefixes = legacyPrefixesOf(
      legacyPrefixTemplates('states/{owner_id}/{execution_id}/, old/{execution_id}/'),
      run,
    );
    expect(legacyPrefixes).toEqual(['states/o1/e1/', 'old/e1/']);
    const reader = { ...run, legacyPrefixes };
    expect(confine('s3://state-bucket/old/e1/state.json', reader)).toBe(
      's3://state-bucket/old/e1/state.json',
    );
    for (const key of [
      'old/e2/state.json',
      'old/e1/../e2/state.json',
      'old/e11/state.json',
      'states/o2/e1/x.json',
    ])
      expect(() => confine(`s3://state-bucket/${key}`, reader)).toThrow(
        expect.objectContaining({ name: 'Pointer.Foreign' }),
      );
  });

  test('none are configured where nothing is said', () => expect(legacyPrefixTemplates()).toEqual([]));

  test.each([
    ['without the execution', 'states/{owner_id}/'],
    ['with the execution inside of a name', 'states/x{execution_id}/'],
    ['without a slash at its end', 'states/{execution_id}'],
    ['inside of this generation’s own', 'runs/o2/{execution_id}/'],
    ['at the root', '/{execution_id}/'],
  ])('one %s is refused', (_what, template) => {
    expect(() => legacyPrefixTemplates(template)).toThrow(
      expect.objectContaining({
        name: 'Contract.Misconfigured',
        message: expect.stringContaining('LEGACY_READ_PREFIXES'),
      }),
    );
  });
});
