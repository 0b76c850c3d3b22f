import { describe, expect, test } from '@jest/globals';
import type { ResultId } from '@statebag/contracts/schemas/segment-result';
import type { ControlPlane } from '@statebag/contracts/schemas/state-bag';
import { orderOf, orderOfAnswer } from './result-order.ts';

const bag = {
  execution_id: 'run-1',
  branch_path: '0.2',
  loop_counter: 5,
  segment_to_run: 's6',
  segment_id: 's5',
} as ControlPlane;
const id = (changes: object) =>
  ({ execution_id: 'run-1', branch_path: '0.2', loop_counter: 5, segment_id: 's6', ...changes }) as ResultId;

describe('the order of results', () => {
  test.each([
    ['the one the bag waits for', {}, 'expected'],
    ['an older one', { loop_counter: 4 }, 'applied'],
    ['a much older one of another segment', { loop_counter: 0, segment_id: 's1' }, 'applied'],
  ])('%s is %#', (_what, changes, order) => expect(orderOf(bag, id(changes))).toBe(order));

  test.each([
    ['a newer one', { loop_counter: 6 }],
    ['one of another segment', { segment_id: 's7' }],
    ['one of another branch', { branch_path: '0.1', loop_counter: 4 }],
    ['one of another run', { execution_id: 'run-2', loop_counter: 4 }],
  ])('%s is out of order, and both ids are named', (_what, changes) => {
    expect(() => orderOf(bag, id(changes))).toThrow(
      expect.objectContaining({
        name: 'Result.OutOfOrder',
        message: expect.stringMatching(/run-1 \/ 0\.2 \/ 5 \/ s6.*run-/),
      }),
    );
  });

  test('an answer carries the id of the result that paused', () => {
    expect(orderOfAnswer(bag, id({ loop_counter: 4, segment_id: 's5' }))).toBe('expected');
    expect(orderOfAnswer(bag, id({ loop_counter: 3, segment_id: 's5' }))).toBe('applied');
    expect(() => orderOfAnswer(bag, id({}))).toThrow(/run-1/);
  });

  test('nothing is expected by a bag that has nothing left to run', () => {
    expect(() =>
      orderOf({ ...bag, segment_to_run: null, branch_path: '' as never }, id({ branch_path: '' })),
    ).toThrow(/root \/ 5 \/ nothing/);
  });
});
