import { expect, test } from '@jest/globals';
import { openJournal } from '@statebag/states';
import { type BusEvent, openEventRecorder } from './event-recorder.ts';

const DAY_MS = 24 * 3_600_000;
const EVENT: Omit<BusEvent, 'id'> = {
  version: '0',
  'detail-type': 'Tested',
  source: 'shop',
  account: '000000000000',
  time: '2026-12-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: {},
};

function leftAfter(days: readonly number[], opened: number): readonly string[] {
  const journal = openJournal(':memory:');
  for (const day of days)
    openEventRecorder(journal, () => day * DAY_MS).record('default', { ...EVENT, id: `${day}` });
  const left = openEventRecorder(journal, () => opened * DAY_MS).list();
  journal.close();
  return left.map(({ event }) => event.id);
}

test('events of more than two weeks ago are forgotten when the record is opened', () => {
  expect(leftAfter([1, 10, 20], 21)).toEqual(['10', '20']);
  expect(leftAfter([1, 2], 100)).toEqual([]);
  expect(leftAfter([1, 2], 3)).toEqual(['1', '2']);
});
