import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failing, historyOf, openWorld, runMachine, single, type World } from './world.ts';

let world: World;
beforeAll(() => {
  world = openWorld({
    echo: (event: unknown) => event,
    fail: () => {
      throw failing('Broken', 'no');
    },
  });
});
afterAll(() => world.close());

const call = (name: string, fields: object = {}): object => ({
  Type: 'Task',
  Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
  ...fields,
});

const query = (state: object): object => ({ QueryLanguage: 'JSONata', ...single(state) });

describe('a JSONata state', () => {
  test('makes argument, output and variables of its input, its result and variables', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Assign: { factor: '{% $states.input.n * 2 %}' }, Next: 'Call' },
        Call: call('echo', {
          Arguments: { list: [1, '{% $factor %}'], name: '{% $states.context.State.Name %}' },
          Output: { got: '{% $states.result %}', sum: '{% $sum($states.result.list) %}' },
          End: true,
        }),
      },
    };
    expect((await runMachine(world, definition, { n: 3 })).output).toEqual({
      got: { list: [1, 6], name: 'Call' },
      sum: 7,
    });
  });

  test.each<[string, object, string]>([
    [
      'fails',
      { Type: 'Pass', Output: { a: '{% "x" + 1 %}' } },
      'The JSONata expression \'"x" + 1\' specified for the field \'Output/a\' threw an error during evaluation. T2001: The left side of the "+" operator must evaluate to a number',
    ],
    [
      'calls what was removed',
      { Type: 'Pass', Output: "{% $eval('1') %}" },
      "The JSONata expression '$eval('1')' specified for the field 'Output' threw an error during evaluation. T1006: Attempted to invoke a non-function",
    ],
    [
      'gives no number for a number',
      { Type: 'Wait', Seconds: "{% 'soon' %}" },
      "The JSONata expression ''soon'' specified for the field 'Seconds' returned an unexpected result type. Expected 'integer', but was 'string' for value: \"soon\"",
    ],
    [
      'would never end',
      { Type: 'Pass', Output: '{% ($f := function($x) { $f($x) + 1 }; $f(1)) %}' },
      'evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.',
    ],
  ])('whose expression %s ends with States.QueryEvaluationError', async (_, state, cause) => {
    const { error, cause: found } = await runMachine(world, query(state));
    expect(error).toBe('States.QueryEvaluationError');
    expect(found).toContain(
      "An error occurred while executing the state 'Only' (entered at the event id #2). ",
    );
    expect(found).toContain(cause);
  });

  test('whose evaluation failed can catch that, and hands on what its catcher says', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Bad',
      States: {
        Bad: call('echo', {
          Arguments: '{% $nothing %}',
          Catch: [
            {
              ErrorEquals: ['States.QueryEvaluationError'],
              Output: '{% $states.errorOutput.Error %}',
              Assign: { seen: '{% $states.input %}' },
              Next: 'Seen',
            },
          ],
          End: true,
        }),
        Seen: { Type: 'Pass', Output: { error: '{% $states.input %}', seen: '{% $seen %}' }, End: true },
      },
    };
    const run = await runMachine(world, definition, { a: 1 });
    expect(run.output).toEqual({ error: 'States.QueryEvaluationError', seen: { a: 1 } });
    const failed = (await historyOf(world, run.executionArn)).find(({ type }) => type === 'EvaluationFailed');
    expect(failed?.['evaluationFailedEventDetails']).toMatchObject({ state: 'Bad', location: 'Arguments' });
  });

  test('maps over the items of one evaluation, however often iterations begin', async () => {
    const definition = query({
      Type: 'Map',
      Items: '{% $map([1..3], function($n) { {"n": $n, "id": $uuid()} }) %}',
      MaxConcurrency: 1,
      ItemSelector: {
        same: '{% $states.context.Map.Item.Value.id = $states.context.Map.Item.Value.id %}',
        id: '{% $states.context.Map.Item.Value.id %}',
      },
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } },
      Output: '{% $count($distinct($states.result.id)) %}',
    });
    expect((await runMachine(world, definition)).output).toBe(3);
  });
});

describe('variables', () => {
  test('are seen by inner states as they were outside, and inner ones end with their program', async () => {
    const definition = {
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { outer: 1, 'whole.$': '$' }, Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: [1, 2].map((n) => ({
            StartAt: `Set${n}`,
            States: {
              [`Set${n}`]: { Type: 'Pass', Assign: { inner: n }, Next: `Get${n}` },
              [`Get${n}`]: {
                Type: 'Pass',
                Parameters: { 'outer.$': '$outer', 'inner.$': '$inner', 'x.$': '$whole.x' },
                End: true,
              },
            },
          })),
          Next: 'After',
        },
        After: { Type: 'Pass', Parameters: { 'inner.$': '$inner' }, End: true },
      },
    };
    const { error, cause, executionArn } = await runMachine(world, definition, { x: 5 });
    const left = (await historyOf(world, executionArn)).find(({ type }) => type === 'ParallelStateExited');
    expect(left?.['stateExitedEventDetails']).toMatchObject({
      output: '[{"outer":1,"inner":1,"x":5},{"outer":1,"inner":2,"x":5}]',
    });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("The variable '$inner'");
  });

  test('are assigned at once, of what they were before', async () => {
    const definition = {
      StartAt: 'One',
      States: {
        One: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Two' },
        Two: { Type: 'Pass', Assign: { 'a.$': '$b', 'b.$': '$a' }, Next: 'Three' },
        Three: { Type: 'Pass', Parameters: { 'a.$': '$a', 'b.$': '$b' }, End: true },
      },
    };
    const run = await runMachine(world, definition);
    expect(run.output).toEqual({ a: 2, b: 1 });
    const exits = (await historyOf(world, run.executionArn)).filter(({ type }) => type === 'PassStateExited');
    expect(exits[1]?.['stateExitedEventDetails']).toMatchObject({ assignedVariables: { a: '2', b: '1' } });
  });

  test('of one state take at most 256 KiB', async () => {
    const state = { Type: 'Pass', Assign: { a: 'x'.repeat(200_000), b: 'y'.repeat(80_000) } };
    expect((await runMachine(world, single(state))).error).toBe('States.DataLimitExceeded');
  });
});

describe('a definition is refused', () => {
  const inner = (state: object): object => ({
    StartAt: 'Set',
    States: {
      Set: { Type: 'Pass', Assign: { x: 1 }, Next: 'Each' },
      Each: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'In', States: { In: { ...state, End: true } } },
        End: true,
      },
    },
  });

  test.each<[string, object, string]>([
    ['with an expression that is none', query({ Type: 'Pass', Output: '{% 1 + %}' }), '/States/Only/Output'],
    ['with a JSONPath field in a JSONata state', query({ Type: 'Pass', InputPath: '$' }), '/States/Only'],
    ['with a JSONata field in a JSONPath state', single({ Type: 'Pass', Output: 1 }), '/States/Only'],
    [
      'with a name that stands for nothing',
      query({ Type: 'Pass', Output: { v: ['{% $states.input.a & phone %}'] } }),
      '/States/Only/Output/v[0]',
    ],
    [
      'with the context of an expression',
      query({ Type: 'Pass', Output: '{% $count($) %}' }),
      '/States/Only/Output',
    ],
    [
      'with the document of an expression',
      query({ Type: 'Pass', Output: '{% $states.input.l[$$.a] %}' }),
      '/States/Only/Output',
    ],
    [
      'with a JSONPath state in a JSONata machine',
      query({ Type: 'Pass', QueryLanguage: 'JSONPath' }),
      '/States/Only',
    ],
    [
      'that assigns to $states',
      single({ Type: 'Pass', Assign: { states: 1 } }),
      '/States/Only/Assign/states',
    ],
    [
      'that assigns to a variable from around it',
      inner({ Type: 'Pass', Assign: { 'x.$': '$' } }),
      '/States/Each/ItemProcessor/States/In/Assign/x.$',
    ],
    [
      'that reads a result where there is none',
      query({ Type: 'Wait', Seconds: '{% $states.result %}' }),
      '/States/Only/Seconds',
    ],
  ])('%s', async (_, definition, location) => {
    const found = await world.call('ValidateStateMachineDefinition', {
      definition: JSON.stringify(definition),
    });
    expect(found).toMatchObject({ result: 'FAIL', diagnostics: [{ severity: 'ERROR', location }] });
  });

  test.each([
    '$states.input.l[a = 1].b',
    '$states.input.l^(a)',
    '$states.input.l.(a + $.b)',
    '$states.input.l{k: $sum(v)}',
    '$map($states.input.l, function($v) { $v.a })',
    '$states.input ~> |l|{"b": a}|',
  ])('but not for names inside of %s', async (expression) => {
    const definition = JSON.stringify(query({ Type: 'Pass', Output: `{% ${expression} %}` }));
    const found = await world.call('ValidateStateMachineDefinition', { definition });
    expect(found).toMatchObject({ result: 'OK', diagnostics: [] });
  });
});
