import { expect, test } from '@jest/globals';
import { prove } from './call-ends.ts';

test('a call that must not be repeated is made again exactly where it did nothing outside', async () =>
  expect(await prove({ count: 100 })).toContain('attempts'));
