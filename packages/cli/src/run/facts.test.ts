import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { NO_FACTS, retriesOf, withEvent } from './facts.ts';

let id = 0;
const event = (type: HistoryEventType, details: Partial<HistoryEvent>): HistoryEvent => ({ id: ++id, timestamp: new Date(id), type, ...details });
const entered = (name: string, input: object) => event('TaskStateEntered', { stateEnteredEventDetails: { name, input: JSON.stringify(input) } });
const exited = (name: string, output: object) => event('TaskStateExited', { stateExitedEventDetails: { name, output: JSON.stringify(output) } });
const scheduled = (resourceType: string) =>
  event('TaskScheduled', { taskScheduledEventDetails: { resourceType, resource: 'invoke', region: 'r', parameters: '{}' } });

const facts = [
  entered('ExecuteSegment', { state_data: { segment_to_run: 's01' } }),
  scheduled('lambda'),
  event('TaskFailed', {}),
  scheduled('lambda'),
  exited('ExecuteSegment', { state_data: { segment_to_run: 's01' }, execution_result: { status: 'CONTINUE' } }),
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
  expect(facts.maxTransition).toEqual({ state: 'SyncStateData', bytes: Buffer.byteLength(JSON.stringify({ state_data: { text: 'ü'.repeat(50) } })) });
});

test('a segment is named by the bag that entered and ends with the status that left', () => {
  expect(facts.segments).toEqual([expect.objectContaining({ segmentId: 's01', status: 'CONTINUE' })]);
});

test('the last envelope is the one that a bag writer left last', () => {
  expect(JSON.parse(facts.lastEnvelope ?? '')).toEqual({ state_data: { text: 'ü'.repeat(50) } });
});
