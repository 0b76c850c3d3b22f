import { expect, test } from '@jest/globals';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { START_QUEUE } from '@statebag/contracts/limits';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { type Line, nextTurns } from './turns.ts';

const line = (owner_id: string, runs: number, { turn = 0, priority = 0 } = {}): Line => ({
  owner_id: owner_id as OwnerId,
  priority,
  turn,
  runs: Array.from({ length: runs }, (_, n) => `${owner_id}${n}` as ExecutionId),
});
const runsOf = (lines: readonly Line[], count: number, now = 10) =>
  nextTurns(lines, count, now).map(({ execution_id }) => execution_id);

test('owners take turns, and within an owner the first comes first', () =>
  expect(runsOf([line('a', 3), line('b', 2), line('c', 1)], 10)).toEqual([
    'a0',
    'b0',
    'c0',
    'a1',
    'b1',
    'a2',
  ]));

test('the owner is next whose last turn is longest ago', () =>
  expect(runsOf([line('a', 2, { turn: 9 }), line('b', 2, { turn: 3 })], 3)).toEqual(['b0', 'a0', 'b1']));

test('a step of priority is worth a minute of waiting, and no more', () => {
  const now = 10 * START_QUEUE.priorityStepMs;
  const high = line('high', 3, { turn: now, priority: 1 });
  const soon = line('soon', 1, { turn: now - START_QUEUE.priorityStepMs / 2 });
  const long = line('long', 1, { turn: now - START_QUEUE.priorityStepMs - 1 });
  expect(runsOf([high, soon, long], 10, now)).toEqual(['long0', 'high0', 'high1', 'high2', 'soon0']);
});

test('no more turns are taken than were asked for', () =>
  expect(runsOf([line('a', 9)], 2)).toEqual(['a0', 'a1']));

test('of n owners of one priority, each that waits gets its turn within n turns', () =>
  law(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.nat(1_000)), { minLength: 1, maxLength: 12 }),
      fc.nat(1_000),
      (owners, now) => {
        const lines = owners.map(([runs, turn], n) => line(`o${n}-`, runs, { turn }));
        const turns = nextTurns(lines, 1_000, now);
        expect(turns).toHaveLength(owners.reduce((sum, [runs]) => sum + runs, 0));
        for (const { owner_id, runs } of lines) {
          const at = turns.flatMap((turn, index) => (turn.owner_id === owner_id ? [index] : []));
          expect(at.map((index) => turns[index]?.execution_id)).toEqual(runs);
          const gaps = at.map((index, nth) => index - (at[nth - 1] ?? -1));
          expect(Math.max(0, ...gaps)).toBeLessThanOrEqual(lines.length);
        }
        const stamps = turns.map(({ turn }) => turn);
        expect(stamps).toEqual([...stamps].sort((left, right) => left - right));
      },
    ),
  ));
