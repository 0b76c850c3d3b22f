import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { describe, expect, test } from '@jest/globals';
import { NO_FACTS, retriesOf, withEvent } from './run-facts.ts';

let id = 0;
const event = (type: HistoryEventType, details: Partial<HistoryEvent>): HistoryEvent => ({
  id: ++id,
  timestamp: new Date(id),
  type,
  ...details,
});
const entered = (name: string, input: object) =>
  event('TaskStateEntered', { stateEnteredEventDetails: { name, input: JSON.stringify(input) } });
const exited = (name: string, output: object) =>
  event('TaskStateExited', { stateExitedEventDetails: { name, output: JSON.stringify(output) } });
const scheduled = (resourceType: string) =>
  event('TaskScheduled', {
    taskScheduledEventDetails: { resourceType, resource: 'invoke', region: 'r', parameters: '{}' },
  });

const facts = [
  entered('ExecuteSegment', { state_data: { segment_to_run: 's01' } }),
  scheduled('lambda'),
  event('TaskFailed', {}),
  scheduled('lambda'),
  exited('ExecuteSegment', {
    state_data: { segment_to_run: 's01' },
    execution_result: { status: 'CONTINUE' },
  }),
  entered('SyncStateData', {}),
  scheduled('lambda'),
  exited('SyncStateData', { state_data: { text: 'ü'.repeat(50) } }),
  entered('NotifyWorkflowCompleted', {}),
  scheduled('events'),
  exited('NotifyWorkflowCompleted', {}),
].reduce(withEvent, NO_FACTS);

test('a task that was scheduled twice was tried again once', () => {
  expect(retriesOf(facts)).toBe(1);
});

test('only Lambda tasks count as invocations', () => {
  expect(facts.lambdaInvocations).toBe(3);
});

test('transitions are states entered, and the largest is measured in UTF-8 bytes', () => {
  expect(facts.transitions).toBe(3);
  expect(facts.maxTransition).toEqual({
    state: 'SyncStateData',
    bytes: Buffer.byteLength(JSON.stringify({ state_data: { text: 'ü'.repeat(50) } })),
  });
});

test('a segment is named by the bag that entered and ends with the status that left', () => {
  expect(facts.segments).toEqual([expect.objectContaining({ segmentId: 's01', status: 'CONTINUE' })]);
});

test.each([
  ['has its status in the result', { execution_result: { status: 'COMPLETE' } }, 'COMPLETE'],
  [
    'of the first generation has it in the Payload',
    { execution_result: { Payload: { status: 'COMPLETE' } } },
    'COMPLETE',
  ],
  ['that left no result has failed', { error_info: { Error: 'Node.Failed' } }, 'FAILED'],
])('a segment %s', (_, left, status) => {
  const state_data = { segment_to_run: 's01' };
  const { segments } = [
    entered('ExecuteSegment', { state_data }),
    exited('ExecuteSegment', { state_data, ...left }),
  ].reduce(withEvent, NO_FACTS);
  expect(segments).toMatchObject([{ segmentId: 's01', status }]);
});

test('the last envelope is the one that a bag writer left last', () => {
  expect(JSON.parse(facts.lastEnvelope ?? '')).toEqual({ state_data: { text: 'ü'.repeat(50) } });
});

test('a segment whose result was merged at once ends with the status that its bag has taken', () => {
  const bag = { segment_to_run: 's02', segment_id: 's01', status: 'CONTINUE' };
  const output = { state_data: bag, next_action: 'CONTINUE' };
  const merged = [
    entered('ExecuteSegment', { state_data: { segment_to_run: 's01' } }),
    exited('ExecuteSegment', output),
  ].reduce(withEvent, NO_FACTS);
  expect(merged.segments).toMatchObject([{ segmentId: 's01', status: 'CONTINUE' }]);
  expect(merged.lastEnvelope).toBe(JSON.stringify(output));
});

test.each([
  ['that failed', { error_info: { Error: 'Node.Failed' } }],
  ['that left its result to be merged', { execution_result: { status: 'CONTINUE' } }],
])('a segment %s leaves no newly sealed bag', (_what, left) => {
  const state_data = { segment_to_run: 's01' };
  const output = { state_data, next_action: 'CONTINUE', ...left };
  const after = [entered('ExecuteSegment', { state_data }), exited('ExecuteSegment', output)];
  expect(after.reduce(withEvent, NO_FACTS)).not.toHaveProperty('lastEnvelope');
});

describe('the first segment of a run, which its beginning runs,', () => {
  const start = { execution_id: 'run-1', input: {} };
  const bare = { segment_id: null, segment_to_run: 's01', status: 'STARTED' };
  const begun = (output: object) =>
    [entered('InitializeStateBag', start), exited('InitializeStateBag', output)].reduce(withEvent, NO_FACTS);

  test('has no name while it is under way, and then that of the bag after it', () => {
    expect(withEvent(NO_FACTS, entered('InitializeStateBag', start)).segments).toMatchObject([
      { segmentId: '?' },
    ]);
    const state_data = { segment_id: 's01', segment_to_run: 's02', status: 'CONTINUE' };
    const first_state = { current_state: {}, state_s3_path: null };
    expect(begun({ state_data, next_action: 'CONTINUE', first_state }).segments).toMatchObject([
      { segmentId: 's01', status: 'CONTINUE', endedAt: expect.any(Number) },
    ]);
  });

  test('has failed where its failure is left to be merged', () => {
    const output = { state_data: bare, next_action: 'STARTED', execution_result: { status: 'FAILED' } };
    expect(begun(output).segments).toMatchObject([{ segmentId: 's01', status: 'FAILED' }]);
  });

  test('was not run where the bag was built and nothing else, or not even that', () => {
    expect(begun({ state_data: bare, next_action: 'STARTED' }).segments).toEqual([]);
    expect(begun({ ...start, error_info: { Error: 'Contract.EventRejected' } }).segments).toEqual([]);
  });
});
