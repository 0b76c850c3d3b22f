import { expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import { NO_FACTS, type RunFacts, type SegmentFact } from '@statebag/runs/history';
import fc from 'fast-check';
import { showProgress } from './progress.ts';

const ENDED = { segmentId: 's01-classify', startedAt: 0, endedAt: 1_500, status: 'CONTINUE' };
const FAILED = { segmentId: 's02-draft', startedAt: 0, endedAt: 20, status: 'FAILED' };

function written(isTTY: boolean, looks: (typeof NO_FACTS)[]): string {
  const chunks: string[] = [];
  const progress = showProgress({ isTTY, write: (chunk) => chunks.push(String(chunk)) > 0 }, 3);
  for (const facts of looks) progress.update(facts);
  progress.end();
  return chunks.join('');
}

test('away from a terminal each segment is one plain line, once', () => {
  const looks = [
    { ...NO_FACTS, segments: [ENDED] },
    { ...NO_FACTS, segments: [ENDED] },
    { ...NO_FACTS, segments: [ENDED, FAILED] },
  ];
  const classified = '  ✓ s01-classify                        1.5 s  CONTINUE\n';
  const drafted = '  ✗ s02-draft                           20 ms  FAILED\n';
  expect(written(false, looks)).toBe(classified + drafted);
});

test('on a terminal the segment under way is shown and wiped away in the end', () => {
  const text = written(true, [
    { ...NO_FACTS, segments: [ENDED, { segmentId: 's02-draft', startedAt: Date.now() }] },
  ]);
  expect(text).toMatch(/▸ s02-draft … \d+ ms {2}\[2 of 3 segments/);
  expect(text.endsWith('\r\u001b[2K')).toBe(true);
});

/** Segments of branches side by side: some never end, and a loop has the same id again. */
const segments = fc.array(
  fc.record({
    id: fc.constantFrom('s01-a', 's02-b', 's03-c'),
    begins: fc.nat(1_000),
    takes: fc.option(fc.nat(1_000), { nil: undefined }),
    status: fc.constantFrom('CONTINUE', 'FAILED', 'COMPLETE'),
  }),
  { maxLength: 12 },
);

/** The facts at a time, as the history has them then. */
function factsAt(time: number, all: readonly SegmentFact[]): RunFacts {
  const begun = all.filter(({ startedAt }) => startedAt <= time);
  const seen = begun.map(({ endedAt, status, ...segment }) =>
    endedAt === undefined || endedAt > time ? segment : { ...segment, endedAt, status: status ?? '' },
  );
  return { ...NO_FACTS, segments: seen };
}

test('each segment that ends is one line, whatever the order of ends and looks', () => {
  law(
    fc.property(segments, fc.array(fc.nat(2_500), { maxLength: 12 }), (given, looks) => {
      const all = given
        .toSorted((left, right) => left.begins - right.begins)
        .map(({ id, begins, takes, status }) => ({
          segmentId: id,
          startedAt: begins,
          ...(takes === undefined ? {} : { endedAt: begins + takes, status }),
        }));
      const times = [...looks, 3_000].toSorted((left, right) => left - right);
      const text = written(
        false,
        times.map((time) => factsAt(time, all)),
      );
      const ended = all.filter((segment) => segment.endedAt !== undefined);
      const alone = ended.map((segment) => written(false, [{ ...NO_FACTS, segments: [segment] }]).trimEnd());
      expect(text.split('\n').filter(Boolean).toSorted()).toEqual(alone.toSorted());
    }),
    { cases: 1_000 },
  );
});
