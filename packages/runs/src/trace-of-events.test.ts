import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { traceOfEvents } from './trace-of-events.ts';

const at = (id: number, type: string, previousEventId: number, details: object = {}): HistoryEvent => ({
  id,
  previousEventId,
  timestamp: new Date(id),
  type: type as HistoryEvent['type'],
  ...details,
});
const entered = (id: number, before: number, name: string, input: string, kind = 'Task') =>
  at(id, `${kind}StateEntered`, before, { stateEnteredEventDetails: { name, input } });
const exited = (id: number, before: number, name: string, output: string, kind = 'Task') =>
  at(id, `${kind}StateExited`, before, { stateExitedEventDetails: { name, output } });

test('a state has the attempts that failed, its bytes in UTF-8, and the segment that it ran', () => {
  const { states, end } = traceOfEvents([
    at(1, 'ExecutionStarted', 0),
    entered(2, 0, 'ExecuteSegment', '{"state_data":{"segment_to_run":"s01"},"ü":1}'),
    at(3, 'TaskScheduled', 2),
    at(4, 'TaskFailed', 3, {
      taskFailedEventDetails: { error: 'Llm.Unavailable', cause: 'x'.repeat(9_000) },
    }),
    at(5, 'TaskScheduled', 4),
    at(6, 'TaskSucceeded', 5),
    exited(7, 6, 'ExecuteSegment', '{}'),
    entered(8, 7, 'SyncStateData', '{}'),
    exited(9, 8, 'SyncStateData', '{"state_data":{"segment_id":"s01"}}'),
    at(10, 'ExecutionFailed', 9, { executionFailedEventDetails: { error: 'Node.Failed', cause: 'no' } }),
  ]);
  expect(states).toMatchObject([
    {
      state: 'ExecuteSegment',
      kind: 'Task',
      bytes_in: 46,
      bytes_out: 2,
      segment_id: 's01',
      sealed: false,
      failures: [{ error: 'Llm.Unavailable', cause: 'x'.repeat(1_024) }],
    },
    { state: 'SyncStateData', sealed: true, segment_id: 's01', exit_event: 9, failures: [] },
  ]);
  expect(end).toEqual({
    status: 'FAILED',
    at: '1970-01-01T00:00:00.010Z',
    error: 'Node.Failed',
    cause: 'no',
  });
});

test('iterations of a map that run side by side keep their own ends', () => {
  const { states } = traceOfEvents([
    entered(1, 0, 'Each', '[]', 'Map'),
    entered(2, 1, 'Work', 'a'),
    entered(3, 1, 'Work', 'b'),
    at(4, 'TaskSucceeded', 2),
    exited(5, 4, 'Work', 'aaa'),
    at(6, 'TaskSucceeded', 3),
    exited(7, 6, 'Work', 'bb'),
    at(8, 'MapStateSucceeded', 7),
    exited(9, 8, 'Each', '[]', 'Map'),
  ]);
  expect(
    states.map(({ state, event, exit_event, bytes_out }) => [state, event, exit_event, bytes_out]),
  ).toEqual([
    ['Each', 1, 9, 2],
    ['Work', 2, 5, 3],
    ['Work', 3, 7, 2],
  ]);
});

test('a state that another machine happens to call like one of the loop is no segment', () => {
  for (const input of ['[1]', '"text"', '{"state_data":"text"}', '{"state_data":null}', ''])
    expect(traceOfEvents([entered(1, 0, 'ExecuteSegment', input)]).states).toMatchObject([
      { segment_id: null, exited_at: null, bytes_out: null },
    ]);
});

test.each([
  ['ran', { state_data: { segment_id: 's01' }, next_action: 'COMPLETE', first_state: {} }, 's01'],
  [
    'failed for good',
    { state_data: { segment_id: null, segment_to_run: 's01' }, execution_result: {} },
    's01',
  ],
  ['was not run', { state_data: { segment_id: null, segment_to_run: 's01' }, next_action: 'STARTED' }, null],
])('the state that a run begins with names the first segment where it %s', (_, output, segment_id) => {
  const { states } = traceOfEvents([
    entered(1, 0, 'InitializeStateBag', '{}'),
    exited(2, 1, 'InitializeStateBag', JSON.stringify(output)),
  ]);
  expect(states).toMatchObject([{ sealed: true, segment_id }]);
});
