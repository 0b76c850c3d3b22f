import { expect, test } from '@jest/globals';
import { expressionsAreBounded } from './expression-bounds.ts';

/** `npm run laws -- expression-bounds` runs 20,000. */
const COUNT = 400;

test('no value of an expression is larger than its bound', async () => {
  expect(await expressionsAreBounded({ cases: COUNT })).toBeGreaterThan(COUNT / 2);
}, 600_000);
