import { test } from '@jest/globals';
import { dataIsData } from './data-is-data.ts';

/** `npm run laws -- data-is-data` runs a thousand. */
test('what comes in as data comes out as it was and steers nothing, at every door of a run', () =>
  dataIsData({ cases: 25 }));
