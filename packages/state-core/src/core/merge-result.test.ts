import { expect, test } from '@jest/globals';
import { isFieldPointer, type StateBag } from '@statebag/contracts';
import { aBag, aResult, aRun, CONTEXT, frozen, set, textOf } from '../../test/build.ts';
import { type MergeInputs, mergeResult } from './merge-result.ts';

const notFetched: MergeInputs['fetched'] = () => 'not fetched';

async function merged(bag: StateBag, operations: MergeInputs['operations'], { events = 12, thresholds = CONTEXT.thresholds } = {}) {
  const inputs = { operations, standing: undefined, fold: false, fetched: notFetched, failures: [] };
  return mergeResult(frozen(bag), aResult(bag, operations, { events }), { inputs, context: { ...CONTEXT, thresholds } });
}

test('a result without operations moves nothing, also where less may stand inline than before', async () => {
  const bag = await aBag({ text: textOf(9_000) }, aRun());
  const plan = await merged(bag, [], { thresholds: { ...CONTEXT.thresholds, inlineState: 1_000 as never } });
  expect(plan.bag.current_state).toBe(bag.current_state);
  expect(plan.writes).toEqual([]);
});

test('fields the result wrote are packed after those it did not', async () => {
  const fields = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]));
  const { bag } = await merged(await aBag(fields, aRun()), [set('f0', textOf(1_050)), set('more', textOf(1_050, 1))]);
  const moved = Object.entries(bag.current_state).filter(([, value]) => isFieldPointer(value));
  expect(moved.map(([name]) => name)).toEqual(['f1', 'f2']);
});

test.each([
  [19_987, 'CONTINUE', 19_999],
  [19_988, 'CONTINUE_AS_NEW', 0],
])('after %i events and twelve more it says %s and counts %i', async (before, next_action, history_events) => {
  const bag = { ...(await aBag({}, aRun())), history_events: before };
  expect((await merged(bag, [set('a', 1)])).bag).toMatchObject({ next_action, history_events });
});
