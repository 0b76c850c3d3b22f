import { expect, test } from '@jest/globals';
import { NEEDED_DAYS, prunable } from './prune.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const version = (number: number, daysAgo: number) => ({ number, created: NOW - daysAgo * DAY });

test('a version stays until no run can be on it: its successor has to be old, not it', () => {
  const versions = [version(1, 400), version(2, NEEDED_DAYS + 1), version(3, NEEDED_DAYS - 1), version(4, 1)];
  expect(prunable(versions, { now: NOW, kept: new Set() })).toEqual([1]);
});

test('the newest version stays however old it is, and so does what an alias leads to', () => {
  expect(prunable([version(1, 400)], { now: NOW, kept: new Set() })).toEqual([]);
  expect(
    prunable([version(1, 400), version(2, 300), version(3, 200)], { now: NOW, kept: new Set([1]) }),
  ).toEqual([2]);
});

test('versions are told apart by their number, whatever order they come in', () => {
  expect(
    prunable([version(10, 50), version(9, 100), version(2, 200)], { now: NOW, kept: new Set() }),
  ).toEqual([2, 9]);
});
