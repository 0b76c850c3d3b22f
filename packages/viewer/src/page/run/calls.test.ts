import { expect, test } from '@jest/globals';
import type { NodeId } from '@statebag/contracts/ids';
import type { CallView } from '@statebag/contracts/schemas/api';
import type { Sha256, Timestamp } from '@statebag/contracts/units';
import { callsOf, chosenCall, ledgerText, placeText, refusedBefore } from './calls.ts';

const view = (key: string, item: string, more: Partial<CallView> = {}): CallView => ({
  key: key as Sha256, // any name does for a key
  node_id: 'ask' as NodeId, // a good id by sight
  place: { branch_path: '', loop: '', item },
  status: 'ANSWERED',
  at: '2026-03-01T08:00:00.000Z' as Timestamp, // the one form of toISOString
  asked: { prompt: 'why' },
  asked_bytes: 16,
  usage: null,
  result: { answer: 'so' },
  result_bytes: 15,
  error: null,
  message: null,
  ...more,
});
const refused = { status: 'FAILED', error: 'Http.Refused', message: 'answered 422' } as const;

test('calls stand in the order of their items as numbers, with the attempts that failed before', () => {
  const calls = callsOf([view('b', '10'), view('a', '2', refused), view('a', '2'), view('c', '1.3')]);
  expect(calls.map(({ place }) => place.item)).toEqual(['1.3', '2', '10']);
  expect(calls[1]).toMatchObject({ answered: { status: 'ANSWERED' }, failed: [{ error: 'Http.Refused' }] });
  expect(placeText({ branch: '', turn: '2.0', item: '12' })).toBe('turn 3.1, item 13');
});

test('until somebody chooses, the call without an answer is looked at', () => {
  const calls = callsOf([view('a', '0'), view('b', '1', refused), view('c', '2')]);
  expect(chosenCall(calls, new URLSearchParams())?.place.item).toBe('1');
  expect(chosenCall(calls, new URLSearchParams('item=2'))?.place.item).toBe('2');
  expect(chosenCall(calls, new URLSearchParams('item=7'))).toBeUndefined();
});

test('says what was refused before, and which runs of the segment called nobody', () => {
  const [call] = callsOf([view('a', '', { result: { answer: 7, refused: ['seven'] } })]);
  if (!call) throw new Error('there is one');
  expect(refusedBefore(call)).toEqual(['seven']);
  expect(ledgerText(call, ['2026-03-01T08:00:00.000Z'])).toBe('Called once and recorded.');
  expect(ledgerText(call, ['2026-03-01T08:00:00.000Z', '2026-03-01T09:00:00.000Z'])).toContain('1 later run');
});
