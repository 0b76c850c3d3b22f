import { expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { EndedRun } from '@statebag/runs';
import { judge } from './judge.ts';
import { figuresOf } from './side-figures.ts';

interface Mix {
  readonly runs?: number;
  readonly failed?: number;
  readonly ms?: number;
  readonly same?: number;
  readonly different?: number;
}

function side({ runs = 200, failed = 0, ms = 1_000, same = 20, different = 0 }: Mix = {}) {
  const ends = Array.from({ length: runs }, (_, index) => ({
    status: index < failed ? ('FAILED' as const) : ('SUCCEEDED' as const),
    started_at: new Date(0).toISOString() as Timestamp,
    ended_at: new Date(ms).toISOString() as Timestamp,
    ...(index < same + different && {
      divergence:
        index < different ? ({ same: false, where: 'field total' } as const) : ({ same: true } as const),
    }),
  }));
  return figuresOf(ends as unknown as EndedRun[]);
}

test.each([
  [0, 1],
  [1, 10],
  [10, 50],
  [50, 100],
  [20, 50],
])('inside all limits %d %% is followed by %d', (from, to) => {
  const v3 = from === 0 ? side({ runs: 0 }) : side({ failed: 2 });
  expect(judge(from, { v3, legacy: side() })).toMatchObject({ verdict: 'advance', to });
});

test.each([
  [
    'errors',
    { v3: side({ failed: 5 }), legacy: side({ failed: 2 }) },
    /2.5 % of the runs on v3 failed, 1 % on legacy/,
  ],
  ['times', { v3: side({ ms: 1_300 }), legacy: side() }, /1300 ms on v3, 1000 ms on legacy/],
  [
    'one divergence',
    { v3: side({ runs: 3 }), legacy: side({ runs: 9, same: 2, different: 1 }) },
    /1 of 3 compared runs .* field total/,
  ],
])('%s outside the limits take v3 back', (_what, sides, why) => {
  expect(judge(10, sides)).toEqual({ verdict: 'roll back', why: expect.stringMatching(why) });
});

test.each([
  [
    'few runs on v3',
    { v3: side({ runs: 199, failed: 100 }), legacy: side() },
    10,
    /199 of 200 runs have ended on v3/,
  ],
  [
    'few runs on legacy',
    { v3: side(), legacy: side({ runs: 199 }) },
    10,
    /199 of 200 runs have ended on legacy/,
  ],
  [
    'nothing compared',
    { v3: side(), legacy: side({ same: 0 }) },
    10,
    /no run was compared: statebag rollout shadow on/,
  ],
  ['no further step', { v3: side(), legacy: side() }, 100, /all runs begin on v3 already/],
])('with %s it stays', (_what, sides, percent, why) => {
  expect(judge(percent, sides)).toEqual({ verdict: 'stay', why: expect.stringMatching(why) });
});

test('a run that somebody stopped counts on neither side', () => {
  const stopped = {
    status: 'CANCELLED',
    started_at: new Date(0).toISOString(),
    ended_at: new Date(9).toISOString(),
  };
  expect(figuresOf([stopped as EndedRun])).toMatchObject({
    runs: 0,
    failed: 0,
    error_rate: null,
    median_ms: null,
  });
});
