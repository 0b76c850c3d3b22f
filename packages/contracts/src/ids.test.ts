import { describe, expect, test } from '@jest/globals';
import { executionId, isId } from './ids.ts';

describe('ids', () => {
  test.each(['a', 'run-1', 'A.b_c:d-e', `x${'y'.repeat(63)}`])('accepts %p', (text) => {
    expect(isId(text)).toBe(true);
  });

  test.each(['', '-a', '.a', 'a/b', '../x', 'a..b', 'a b', `x${'y'.repeat(64)}`, 'ü', 'a\n', 7, null])(
    'refuses %p',
    (text) => {
      expect(isId(text)).toBe(false);
    },
  );

  test('names the id and its grammar when it is refused', () => {
    expect(() => executionId('../x')).toThrow(
      expect.objectContaining({
        name: 'Contract.EventRejected',
        message: expect.stringMatching(/execution_id "\.\.\/x" is not an id/),
      }),
    );
  });
});
