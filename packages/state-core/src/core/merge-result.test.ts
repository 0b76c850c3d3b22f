import { expect, test } from '@jest/globals';
import { BUDGET } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { aBag, aResult, aRun, CONTEXT, frozen, set, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { type MergeInputs, mergeResult } from './merge-result.ts';
import { seal } from './seal.ts';

const notFetched: MergeInputs['fetched'] = () => 'not fetched';

async function merged(
  bag: StateBag,
  operations: MergeInputs['operations'],
  { events = 12, thresholds = CONTEXT.thresholds } = {},
) {
  const inputs = {
    operations,
    standing: undefined,
    fold: false,
    fetched: notFetched,
    failures: [],
    branchRecord: null,
  };
  return mergeResult(frozen(bag), aResult(bag, operations, { events }), {
    inputs,
    context: { ...CONTEXT, thresholds },
  });
}

test('a result without operations moves nothing, also where less may stand inline than before', async () => {
  const bag = await aBag({ text: textOf(9_000) }, aRun());
  const plan = await merged(bag, [], { thresholds: { ...CONTEXT.thresholds, inlineState: 1_000 as never } });
  expect(plan.bag.current_state).toBe(bag.current_state);
  expect(plan.writes).toEqual([]);
});

test('fields the result wrote are packed after those it did not', async () => {
  const fields = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]),
  );
  const { bag } = await merged(await aBag(fields, aRun()), [
    set('f0', textOf(1_050)),
    set('more', textOf(1_050, 1)),
  ]);
  const moved = Object.entries(bag.current_state).filter(([, value]) => isFieldPointer(value));
  expect(moved.map(([name]) => name)).toEqual(['f1', 'f2']);
});

test('a run has no more branches at work than its deployment lets it, and fewer where its workflow says so', async () => {
  const after = async (max_concurrency: number) => {
    const bag = { ...(await aBag({}, aRun())), max_concurrency };
    return (await merged(bag, [], { thresholds: { ...CONTEXT.thresholds, functionsAtOnce: 7 } })).bag;
  };
  expect([(await after(40)).max_concurrency, (await after(2)).max_concurrency]).toEqual([7, 2]);
});

test.each([
  [19_987, 'CONTINUE', 19_999],
  [19_988, 'CONTINUE_AS_NEW', 0],
])(
  'after %i events and twelve more it says %s and counts %i',
  async (before, next_action, history_events) => {
    const bag = { ...(await aBag({}, aRun())), history_events: before };
    expect((await merged(bag, [set('a', 1)])).bag).toMatchObject({ next_action, history_events });
  },
);

test.each<[string, number, number]>([
  ['stays', 1, 1_000],
  ['leaves by itself', 2, 20_000],
  ['leaves with others', 12, 1_500],
  ['lies behind an index', 60, 300],
])('a bag is measured to the byte where its state %s', async (_where, count, size) => {
  const delta = Array.from({ length: count }, (_, index) => set(`é"${index}`, textOf(size + index, index)));
  const { bag, stateBytes } = await merged(await aBag({}, aRun()), delta);
  const { bagBytes, envelope } = seal(bag, BUDGET.bag, stateBytes);
  expect(bagBytes).toBe(byteSizeOf(envelope.state_data));
});
