import { expect, test } from '@jest/globals';
import { expectedOutcome, type Outcome, outcomeOf, RECORDED, surprises } from './expected.ts';
import { runVectors } from './run-vectors.ts';
import { readVectors } from './vector.ts';

/** `npm run vectors` plays all of them. */
const EACH = 3;

test('recorded executions of AWS end here as they ended there, through the HTTP API', async () => {
  const chosen = readVectors(RECORDED).filter((_, index) => index % EACH === 0);
  const found = outcomeOf(await runVectors(chosen));
  const shortOf = [found.failed, found.refused, found.different];
  const known = expectedOutcome();
  const ids = new Set(chosen.map(({ id }) => id));
  const ofChosen = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([id]) => ids.has(id)));
  expect(shortOf).toEqual([known.failed, known.refused, known.different].map(ofChosen));
  expect(found.exact_histories).toBeGreaterThan(0);
}, 180_000);

const KNOWN: Outcome = {
  passed: 2,
  exact_causes: 1,
  exact_histories: 2,
  different: { odd: 'event 2 is missing, recorded TaskStarted' },
  failed: { slow: 'status' },
  refused: { sns: 'SNS' },
};

test.each<[string, Outcome, string[]]>([
  ['nothing new', KNOWN, []],
  [
    'a vector that no longer passes',
    { ...KNOWN, passed: 1, failed: { ...KNOWN.failed, map: 'output' } },
    ['map: fails: output; expected: passes', 'passed: 1; expected: 2'],
  ],
  [
    'a vector that is refused now',
    { ...KNOWN, passed: 1, refused: { ...KNOWN.refused, map: 'Map' } },
    ['map: is refused: Map; expected: passes', 'passed: 1; expected: 2'],
  ],
  [
    'a vector that passes now',
    { ...KNOWN, passed: 3, failed: {} },
    ['slow: passes; expected: fails: status', 'passed: 3; expected: 2'],
  ],
  ['a cause of another text', { ...KNOWN, exact_causes: 0 }, ['exact_causes: 0; expected: 1']],
  [
    'a history that is exact now',
    { ...KNOWN, exact_histories: 3, different: {} },
    [
      'odd: passes; expected: differs: event 2 is missing, recorded TaskStarted',
      'exact_histories: 3; expected: 2',
    ],
  ],
])('%s is told apart from what is known', (_, found, lines) => {
  expect(surprises(found, KNOWN)).toEqual(lines);
});
