import { test } from '@jest/globals';
import { forksAreFresh } from './fork.ts';

/** `npm run laws -- fork` runs 300. */
test('a fork comes to what a fresh run comes to, and makes no call that the run made', async () => {
  await forksAreFresh({ cases: 12 });
});
