import { expect, test } from '@jest/globals';
import type { StateTrace } from '@statebag/runs/trace';
import { begunAt, runsSegment, transitionsOf } from './transitions.ts';

function state(name: string, event: number, more: Partial<StateTrace> = {}): StateTrace {
  return {
    event,
    state: name,
    kind: 'Task',
    entered_at: `2026-01-31T12:00:0${event}.000Z`,
    exited_at: `2026-01-31T12:00:0${event + 1}.000Z`,
    exit_event: event + 1,
    bytes_in: 1,
    bytes_out: 1,
    segment_id: null,
    sealed: false,
    failures: [],
    children: [],
    ...more,
  };
}

const NOTIFY = state('NotifyWorkflowStarted', 2);
const sealedBags = (states: readonly StateTrace[]) =>
  transitionsOf([{ name: 'run-1', states }]).flatMap(({ sealed }) => sealed ?? []);

test('a run that begins with its first segment has the bag before it and the bag after it', () => {
  const first = state('InitializeStateBag', 4, { sealed: true, segment_id: 's01' });
  expect(sealedBags([NOTIFY, first])).toEqual(['run-1~4', 'run-1~5']);
  expect([runsSegment(first), begunAt('run-1', first)]).toEqual([true, 'run-1~4']);
});

test('a run that begins with its bag alone has that one', () => {
  const first = state('InitializeStateBag', 4, { sealed: true });
  expect(sealedBags([NOTIFY, first])).toEqual(['run-1~5']);
  expect([runsSegment(first), begunAt('run-1', first)]).toEqual([false, null]);
});
