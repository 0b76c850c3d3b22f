import { describe, expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import { reportBytes, shapedError } from './shaped-error.ts';

describe('an error on its way out', () => {
  test('is the very same where it fits', () => {
    const error = new StatebagError('Store.ObjectMissing', 'gone');
    expect(shapedError(error)).toBe(error);
  });

  test.each([
    ['a long message', new StatebagError('Bag.BudgetExceeded', 'é"\n'.repeat(50_000)), 'Bag.BudgetExceeded'],
    ['a long name', Object.assign(new Error('x'), { name: 'N'.repeat(50_000) }), undefined],
    [
      'a long stack',
      Object.assign(new TypeError('x'), {
        stack: `TypeError: x\n${'    at somewhere (file.js:1:1)\n'.repeat(9_000)}`,
      }),
      'TypeError',
    ],
    ['no stack', Object.assign(new Error('y'.repeat(90_000)), { stack: undefined }), 'Error'],
  ])('with %s is cut to 8,192 bytes and keeps its name', (_what, error, name) => {
    const shaped = shapedError(error);
    expect(reportBytes(shaped)).toBeLessThanOrEqual(BUDGET.cause);
    expect(shaped.cause).toBe(error);
    if (name) expect(shaped.name).toBe(name);
  });

  test('keeps the nearest frames of a long stack', () => {
    const stack = `Error: x\n${Array.from({ length: 999 }, (_, index) => `    at frame${index} (file.js:1:1)`).join('\n')}`;
    expect(shapedError(Object.assign(new Error('x'), { stack })).stack).toContain('at frame0 ');
  });

  test('is an Error even where something else was thrown', () =>
    expect(shapedError('text')).toMatchObject({ name: 'Error', message: 'text' }));
});
