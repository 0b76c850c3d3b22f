import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { State, StateMachine } from './definition.ts';
import { lintStateMachine } from './lint.ts';

const V3 = readFileSync(
  join(import.meta.dirname, '..', '..', 'stepfunctions', 'definitions', 'v3.asl.json'),
  'utf8',
);

type Editable = { States: Record<string, Record<string, unknown>> } & StateMachine;

function edited(edit: Edit): string[] {
  const machine = JSON.parse(V3);
  edit(machine);
  return lintStateMachine(machine);
}

function state(machine: Editable, name: string): Record<string, unknown> {
  const found = machine.States[name];
  if (!found) throw new Error(`v3 has no state ${name}`);
  return found;
}

type Edit = (machine: Editable) => void;

function put(name: string, field: string, value: unknown): Edit {
  return (machine) => {
    state(machine, name)[field] = value;
  };
}

function drop(name: string, field: string): Edit {
  return (machine) => {
    delete state(machine, name)[field];
  };
}

function add(name: string, added: Record<string, unknown> & State): Edit {
  return (machine) => {
    machine.States[name] = added;
  };
}

describe('the state machine lint', () => {
  test('finds nothing in the deployed definition', () => {
    expect(lintStateMachine(JSON.parse(V3))).toEqual([]);
  });

  test.each<[string, Edit, RegExp]>([
    [
      'a path that no way produces',
      put('TakeFailure', 'Parameters', { 'Error.$': '$.state_data.no_such' }),
      /TakeFailure: reads \$\.state_data\.no_such/,
    ],
    [
      'a path that only one of two ways produces',
      put('WorkflowFailed', 'ErrorPath', '$.execution_result.status'),
      /WorkflowFailed: reads \$\.execution_result\.status/,
    ],
    [
      'a bag inside a bag',
      put('SyncStateData', 'ResultPath', '$.state_data'),
      /SyncStateData: puts an envelope at \$\.state_data/,
    ],
    [
      'an action without a route',
      (m) => void (state(m, 'EvaluateNextAction')['Choices'] as unknown[]).splice(3, 1),
      /does not route CONTINUE/,
    ],
    ['a Choice without a Default', drop('EvaluateNextAction', 'Default'), /has no Default/],
    [
      'a final code that is tried again',
      (m) => void (state(m, 'ExecuteSegment')['Retry'] as unknown[]).shift(),
      /ExecuteSegment: the first retrier does not exclude/,
    ],
    [
      'a transient code that is never tried again',
      (m) => void (state(m, 'ExecuteSegment')['Retry'] as unknown[]).pop(),
      /never tries Store\.Unavailable again/,
    ],
    [
      'a task without an end',
      drop('ExecuteSegment', 'TimeoutSeconds'),
      /ExecuteSegment: has no TimeoutSeconds/,
    ],
    [
      'a heartbeat as long as the time-out',
      put('ExecuteSegment', 'HeartbeatSeconds', 930),
      /HeartbeatSeconds is not below/,
    ],
    ['a transition to nowhere', put('TakeFailure', 'Next', 'Nowhere'), /Nowhere: no such state/],
    ['a state nothing leads to', add('Lost', { Type: 'Succeed' }), /Lost: nothing leads here/],
  ])('reports %s', (_name, edit, expected) => {
    expect(edited(edit).join('\n')).toMatch(expected);
  });
});
