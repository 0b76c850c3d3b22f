import { expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { compareRuns, divergenceText, type SeenRun } from './compare-runs.ts';

const entry = (node: string, more: Partial<HistoryEntry> = {}) =>
  ({
    id: `id-${node}`,
    segment_id: `s-${node}`,
    node_id: node,
    type: 'operator',
    status: 'SUCCEEDED',
    started_at: 'x',
    ended_at: 'y',
    attempt: 1,
    ...more,
  }) as HistoryEntry;
const run = (state: JsonObject, more: Partial<SeenRun> = {}): SeenRun => ({
  status: 'SUCCEEDED',
  state,
  history: [entry('a'), entry('b')],
  ...more,
});
const writers = (field: string) => ({ total: ['a'], text: ['b'] })[field] ?? [];

test('runs that differ in key order, repeated lines and clocks only are the same', () => {
  const left = run({ total: { x: 1, y: 2 } }, { history: [entry('a'), entry('b'), entry('a')] });
  const right = run(
    { total: { y: 2, x: 1 } },
    { history: [entry('a', { started_at: 'z' as never }), entry('b')] },
  );
  expect(compareRuns(left, right, writers)).toMatchObject({ same: true, first: null });
});

test('what differs first in the way of the data is named with its segment', () => {
  const found = compareRuns(run({ text: 'x', total: 1 }), run({ text: 'y', total: 2 }), writers);
  expect(found.compared.filter(({ same }) => !same).map(({ name }) => name)).toEqual(['text', 'total']);
  expect(found.first).toMatchObject({
    kind: 'field',
    name: 'total',
    place: { segment_id: 's-a', node_id: 'a' },
  });
  expect(divergenceText(found, ['legacy', 'v3'])).toMatch(
    /^field total in segment s-a, node a: legacy [0-9a-f]{12}, v3 [0-9a-f]{12}$/,
  );
});

test.each([
  [
    'a field that is missing',
    run({ total: 1 }),
    run({}),
    { kind: 'field', name: 'total', right_sha256: null },
  ],
  [
    'a line that is missing',
    run({}),
    run({}, { history: [entry('a')] }),
    { kind: 'history', place: { segment_id: 's-b' } },
  ],
  [
    'another end',
    run({}),
    run({}, { status: 'FAILED', error: { name: 'Ledger.ShadowMiss', message: 'node b' } }),
    { kind: 'outcome' },
  ],
] as const)('%s is a divergence', (_what, left, right, first) => {
  expect(compareRuns(left, right, writers)).toMatchObject({ same: false, first });
});
