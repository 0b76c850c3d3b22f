import { expect, test } from '@jest/globals';
import { openBucket } from './bucket.ts';

test('a table on demand takes twice its earlier peak after half an hour, and no more than the account may', () => {
  let now = 0;
  const bucket = openBucket({ bucket: 4, per_second: 4, doubles_to: 10 }, () => now);
  const inOneSecond = () => {
    now += 1_000;
    let taken = 0;
    while (bucket.take(1)) taken += 1;
    return taken;
  };
  expect([inOneSecond(), inOneSecond()]).toEqual([4, 4]);
  now += 1_800_000;
  inOneSecond();
  expect([inOneSecond(), inOneSecond()]).toEqual([8, 8]);
  now += 1_800_000;
  inOneSecond();
  expect([inOneSecond(), inOneSecond()]).toEqual([10, 10]);
});

test('what was taken beyond the bucket comes first out of what comes back', () => {
  let now = 0;
  const bucket = openBucket({ bucket: 2, per_second: 1 }, () => now);
  bucket.pay(4);
  now = 2_000;
  expect(bucket.has()).toBe(false);
  expect(bucket.reserve()).toBe(1_000);
  now = 4_000;
  expect(bucket.has()).toBe(true);
});
