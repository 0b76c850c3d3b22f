import { expect, test } from '@jest/globals';
import { drawnStates, scopeOf, takenScope } from './execution-model.ts';
import { historyFileOf } from './history-file.ts';

const EVENTS = [
  { id: 1, type: 'ExecutionStarted', timestamp: 1_700_000_000 },
  {
    id: 2,
    previousEventId: 0,
    type: 'TaskStateEntered',
    timestamp: 1_700_000_001,
    stateEnteredEventDetails: { name: 'Ask', input: '{"a":1}' },
  },
  {
    id: 3,
    previousEventId: 2,
    type: 'TaskFailed',
    timestamp: 1_700_000_002,
    taskFailedEventDetails: { error: 'Busy', cause: 'later' },
  },
  {
    id: 4,
    previousEventId: 3,
    type: 'ExecutionFailed',
    timestamp: 1_700_000_003,
    executionFailedEventDetails: { error: 'Busy' },
  },
];

test('a history from a file is read with times in seconds, and shows where it ended', () => {
  const file = historyFileOf('history.json', JSON.stringify({ events: EVENTS }));
  expect(file.detail).toMatchObject({
    status: 'FAILED',
    started_at: '2023-11-14T22:13:20.000Z',
    definition: null,
  });
  expect(file.payload(2)).toEqual({ input: '{"a":1}', output: null });
  expect(drawnStates(file.detail, ['Ask', 'Other'])).toEqual(
    new Map([
      ['Ask', { standing: 'fail', figure: '0 ms' }],
      ['Other', { standing: 'skip', figure: '' }],
    ]),
  );
  expect(scopeOf(file.detail)).toEqual({ nodes: [{ id: 'Ask', type: 'Task' }], edges: [] });
});

test.each([
  ['not JSON', '{', /history.json: not JSON/],
  ['without events', '{"a":1}', /no events/],
  ['with none', '[]', /there are no events/],
])('a file %s is refused in a sentence', (_, text, message) => {
  expect(() => historyFileOf('history.json', text)).toThrow(message);
});

test('the path taken leaves out what was not entered, inside of states too', () => {
  const definition = JSON.stringify({
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Task', Next: 'B' }, B: { Type: 'Pass' } } },
        Next: 'End',
        Catch: [{ Next: 'Sorry' }],
      },
      End: { Type: 'Succeed' },
      Sorry: { Type: 'Fail' },
    },
  });
  const { detail } = historyFileOf('h', JSON.stringify(EVENTS));
  const taken = takenScope(scopeOf({ ...detail, definition }), new Set(['Each', 'A', 'End']));
  expect(taken).toEqual({
    nodes: [
      { id: 'Each', type: 'Map', inside: { nodes: [{ id: 'A', type: 'Task' }], edges: [] } },
      { id: 'End', type: 'Succeed' },
    ],
    edges: [{ from: 'Each', to: 'End' }],
  });
});
