import { test } from '@jest/globals';
import { replaysAreEqual } from './replay.ts';

/** `npm run laws -- replay` runs 300. */
test('a run comes out as it did then, and a byte that is another one is found', () =>
  replaysAreEqual({ cases: 8 }));
