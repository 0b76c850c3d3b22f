import { expect, test } from '@jest/globals';
import { ERRORS } from './errors.ts';
import { isStatebagError, NON_RETRYABLE_CODES, RETRYABLE_CODES, StatebagError } from './statebag-error.ts';

test('an error carries its code as its name and keeps its cause', () => {
  const cause = new Error('socket hang up');
  const error = new StatebagError('Store.Unavailable', 'put of 12 bytes failed', {
    cause,
    details: { bytes: 12 },
  });
  expect([error.name, error.cause, error.details]).toEqual(['Store.Unavailable', cause, { bytes: 12 }]);
  expect(isStatebagError(error)).toBe(true);
  expect(isStatebagError(cause)).toBe(false);
});

test('every code of a machine is either tried again or final, and all keep clear of the service’s own names', () => {
  const ofMachines = Object.entries(ERRORS).filter(([, kind]) => !('caller' in kind));
  expect(new Set([...NON_RETRYABLE_CODES, ...RETRYABLE_CODES])).toEqual(
    new Set(ofMachines.map(([code]) => code)),
  );
  expect(NON_RETRYABLE_CODES.filter((code) => RETRYABLE_CODES.includes(code))).toEqual([]);
  expect(Object.keys(ERRORS).filter((code) => /^(States|Lambda|Sandbox|Runtime)\./.test(code))).toEqual([]);
});
