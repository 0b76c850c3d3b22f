import { test } from '@jest/globals';
import { faultsAreSaid } from './store-faults.ts';

/** `npm run laws -- store-faults` runs a thousand. */
test('an object that is gone or damaged is said so by name, whichever read of a run finds it', () =>
  faultsAreSaid({ cases: 40 }));
