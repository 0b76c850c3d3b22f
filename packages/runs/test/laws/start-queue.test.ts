import { test } from '@jest/globals';
import { acceptedRunsBeginOnce } from './start-queue.ts';

test('a run that was accepted begins once, within its owner’s limit, wherever starters and dispatchers die', () =>
  acceptedRunsBeginOnce({ cases: 15 }));
