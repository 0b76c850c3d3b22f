import { expect, test } from '@jest/globals';
import { prove } from './rights.ts';

/** `npm run laws -- rights` removes every statement. Suites of one service are quick. */
test('a statement that is taken away from its role is missed by a test', async () => {
  const seed = Date.now() % 2 ** 31;
  expect(await prove({ count: 1, seed, witnessesIn: 'services/' })).toContain('each missed by a test');
}, 600_000);
