import { expect, test } from '@jest/globals';
import { openJournal } from '@statebag/states';
import { openLogStore } from './log-store.ts';

const DAY_MS = 24 * 3_600_000;
const ALL = {
  group: '/g',
  contains: [],
  startTime: 0,
  endTime: Number.MAX_SAFE_INTEGER,
  afterId: 0,
  limit: 10,
};

function messagesAfter(days: readonly number[], opened: number): readonly string[] {
  const journal = openJournal(':memory:');
  for (const day of days) {
    const logs = openLogStore(journal, () => day * DAY_MS);
    logs.append('/g', 's', `day ${day}`);
    logs.close();
  }
  const left = openLogStore(journal, () => opened * DAY_MS).filter(ALL);
  journal.close();
  return left.map(({ message }) => message);
}

test('lines of more than two weeks ago are forgotten when the log is opened', () => {
  expect(messagesAfter([1, 10, 20], 21)).toEqual(['day 10', 'day 20']);
  expect(messagesAfter([1, 2], 100)).toEqual([]);
  expect(messagesAfter([1, 2], 3)).toEqual(['day 1', 'day 2']);
});

test('a line is found as soon as it is appended, and one after the end is lost', () => {
  const journal = openJournal(':memory:');
  const logs = openLogStore(journal, () => DAY_MS);
  logs.append('/g', 's', 'first');
  expect(logs.filter(ALL).map(({ message }) => message)).toEqual(['first']);
  expect(logs.groups('/')).toEqual(['/g']);
  logs.close();
  logs.append('/g', 's', 'second');
  expect(logs.filter(ALL)).toHaveLength(1);
  journal.close();
});
