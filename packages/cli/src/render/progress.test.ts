import { expect, test } from '@jest/globals';
import { NO_FACTS } from '../run/facts.ts';
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
  expect(written(false, looks)).toBe('  ✓ s01-classify                        1.5 s  CONTINUE\n  ✗ s02-draft                           20 ms  FAILED\n');
});

test('on a terminal the segment under way is shown and wiped away in the end', () => {
  const text = written(true, [{ ...NO_FACTS, segments: [ENDED, { segmentId: 's02-draft', startedAt: Date.now() }] }]);
  expect(text).toMatch(/▸ s02-draft … \d+ ms {2}\[2 of 3 segments/);
  expect(text.endsWith('\r\u001b[2K')).toBe(true);
});
