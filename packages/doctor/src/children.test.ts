import { expect, test } from '@jest/globals';
import { childrenOf } from './children.ts';
import { readHistory } from './history.ts';

const events = readHistory([
  { id: 1, type: 'ExecutionStarted', previousEventId: 0 },
  { id: 2, type: 'MapStateEntered', previousEventId: 1, stateEnteredEventDetails: { name: 'Each' } },
  { id: 3, type: 'MapRunStarted', previousEventId: 2, mapRunStartedEventDetails: { mapRunArn: 'arn:run' } },
  { id: 4, type: 'MapRunSucceeded', previousEventId: 3 },
  { id: 5, type: 'MapStateExited', previousEventId: 4 },
  { id: 6, type: 'TaskStateEntered', previousEventId: 5, stateEnteredEventDetails: { name: 'Ask' } },
  {
    id: 7,
    type: 'TaskFailed',
    previousEventId: 6,
    taskFailedEventDetails: { cause: '{"ExecutionArn":"arn:aws:states:x:1:execution:m:e","Input":"cut off' },
  },
  { id: 8, type: 'TaskFailed', previousEventId: 7, taskFailedEventDetails: { cause: 'no execution' } },
]);

test('map runs and executions that failed a task are named with the state that started them', () => {
  expect(childrenOf(events ?? [])).toEqual([
    { state: 'Each', arn: 'arn:run', kind: 'map-run' },
    { state: 'Ask', arn: 'arn:aws:states:x:1:execution:m:e', kind: 'execution' },
  ]);
});
