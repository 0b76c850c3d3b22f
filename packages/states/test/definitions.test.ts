import { describe, expect, test } from '@jest/globals';
import { createMachine, openWorld, single } from './world.ts';

const processor = (mode: string) => ({
  ProcessorConfig: { Mode: mode, ExecutionType: 'STANDARD' },
  StartAt: 'One',
  States: { One: { Type: 'Pass', End: true } },
});
const task = (fields: object) =>
  single({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'f' },
    ...fields,
  });

const REFUSED: [string, object, string][] = [
  [
    'a start that is no state',
    { StartAt: 'No', States: { A: { Type: 'Succeed' } } },
    "Missing 'Next' target: No at /StartAt",
  ],
  [
    'a transition to nowhere',
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'No' } } },
    'MISSING_TRANSITION_TARGET',
  ],
  [
    'a state that nothing leads to',
    { StartAt: 'A', States: { A: { Type: 'Succeed' }, B: { Type: 'Succeed' } } },
    'State "B" is not reachable',
  ],
  [
    'a state without an end',
    { StartAt: 'A', States: { A: { Type: 'Pass' } } },
    "A state needs 'Next' or 'End': true at /States/A",
  ],
  ['an unknown type', { StartAt: 'A', States: { A: { Type: 'Jump' } } }, "Unknown state type 'Jump'"],
  [
    'an unknown field',
    single({ Type: 'Pass', Paramters: {} }),
    "Field 'Paramters' is not supported at /States/Only",
  ],
  [
    'a comment that is no text',
    single({ Type: 'Pass', Comment: 5 }),
    'Expected a string at /States/Only/Comment',
  ],
  [
    'a retry that is out of its range',
    task({ Retry: [{ ErrorEquals: ['E'], MaxDelaySeconds: 31_622_401 }] }),
    'Expected an integer from 1 to 31622400 at /States/Only/Retry[0]/MaxDelaySeconds',
  ],
  [
    'a retry for no error',
    task({ Retry: [{ MaxAttempts: 1 }] }),
    'These fields are required: [ErrorEquals] at /States/Only/Retry[0]',
  ],
  [
    'two fields of which one excludes the other',
    single({ Type: 'Wait', Seconds: 1, SecondsPath: '$.a' }),
    "Only one of 'Seconds', 'SecondsPath' is allowed at /States/Only",
  ],
  ['a broken path', single({ Type: 'Pass', InputPath: '$.a[' }), '/States/Only/InputPath'],
  [
    'a broken expression',
    single({ Type: 'Pass', Parameters: { 'a.$': 'States.Nothing()' } }),
    "unknown intrinsic function 'States.Nothing'",
  ],
  [
    'a path that names many places as a target',
    single({ Type: 'Pass', ResultPath: '$.a[*]' }),
    'a reference path names one place',
  ],
  [
    'a wrong literal timestamp',
    single({ Type: 'Wait', Timestamp: '2026-01-01 00:00' }),
    '/States/Only/Timestamp',
  ],
  [
    'an inline map with a reader',
    single({ Type: 'Map', ItemProcessor: processor('INLINE'), ItemReader: {} }),
    "Field 'ItemReader' is only allowed",
  ],
  [
    'a heartbeat that is not shorter than the timeout',
    task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }),
    "'HeartbeatSeconds' has to be smaller",
  ],
  [
    'a wait for a token that is never given away',
    task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
    '$$.Task.Token',
  ],
  [
    'States.ALL that is not last',
    task({
      Catch: [
        { ErrorEquals: ['States.ALL'], Next: 'Only' },
        { ErrorEquals: ['E'], Next: 'Only' },
      ],
    }),
    "'States.ALL' has to be in the last",
  ],
  [
    'an integration that is not there',
    task({ Resource: 'arn:aws:states:::sns:publish' }),
    "does not support the integration 'sns:publish'",
  ],
];

describe('creation refuses', () => {
  test.each(REFUSED)('%s', async (_, definition, message) => {
    const world = openWorld();
    const refusal = createMachine(world, definition);
    await expect(refusal).rejects.toMatchObject({ code: 'InvalidDefinition' });
    await expect(refusal).rejects.toThrow(message);
    await world.close();
  });

  test('a name that is used twice, also inside a map', async () => {
    const world = openWorld();
    const map = {
      Type: 'Map',
      ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } },
      End: true,
    };
    await expect(createMachine(world, { StartAt: 'A', States: { A: map } })).rejects.toThrow(
      'Duplicate State name: A',
    );
    await world.close();
  });

  test('an express machine that waits', async () => {
    const world = openWorld();
    const waiting = task({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'f', 'Payload.$': '$$.Task.Token' },
    });
    await expect(createMachine(world, waiting, { type: 'EXPRESS' })).rejects.toThrow('Express state machine');
    await world.close();
  });
});

test.each<[string, object, (string | null | undefined)[][]]>([
  [
    'a loop',
    { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } },
    [['MISSING_END_STATE', null]],
  ],
  [
    'a loop beside a state that nothing leads to',
    { A: { Type: 'Pass', Next: 'A' }, B: { Type: 'Pass', Next: 'A' } },
    [['MISSING_END_STATE', null]],
  ],
  [
    'a loop beside an end that nothing leads to',
    { A: { Type: 'Pass', Next: 'A' }, B: { Type: 'Succeed' } },
    [['MISSING_TRANSITION_TARGET', '/States/B']],
  ],
  [
    'a transition to nowhere alone',
    { A: { Type: 'Pass', Next: 'No' } },
    [
      ['MISSING_TRANSITION_TARGET', '/States/A/Next'],
      ['MISSING_END_STATE', null],
    ],
  ],
])('of the way through %s, validation tells what is missing', async (_, States, expected) => {
  const world = openWorld();
  const { diagnostics } = (await world.call('ValidateStateMachineDefinition', {
    definition: JSON.stringify({ StartAt: 'A', States }),
  })) as { diagnostics: { code: string; location?: string }[] };
  expect(diagnostics.map(({ code, location }) => [code, location ?? null])).toEqual(expected);
  await world.close();
});

test('validation lists every finding with its place', async () => {
  const world = openWorld();
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', InputPath: 7 } } });
  expect(await world.call('ValidateStateMachineDefinition', { definition })).toEqual({
    result: 'FAIL',
    truncated: false,
    diagnostics: [
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: 'Expected a string',
        location: '/States/A/InputPath',
      },
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: "A state needs 'Next' or 'End': true",
        location: '/States/A',
      },
    ],
  });
  expect(
    await world.call('ValidateStateMachineDefinition', {
      definition: JSON.stringify(single({ Type: 'Pass' })),
    }),
  ).toMatchObject({
    result: 'OK',
    diagnostics: [],
  });
  await world.close();
});
