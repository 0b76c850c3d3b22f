/** What ends an execution, word for word, one row for each kind of rule. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historyOf, openWorld, runMachine, single, type World } from './world.ts';

let world: World;
beforeAll(() => {
  world = openWorld({ echo: (event: unknown) => event, large: () => 'é'.repeat(131_072) });
  world.objects.set('b', 'list.json', '[1, 2, 3]');
  world.objects.set('b', 'twice.csv', 'a,a\n1,2\n');
  world.objects.set('b', 'rows.csv', 'a,,c\n1,2\n4,5,6,7\n');
  world.objects.set('b', 'object.json', '{"list": [7], "n": 1}');
});
afterAll(() => world.close());

const parameters = (template: object) => single({ Type: 'Pass', Parameters: template });
const query = (state: object) => ({ QueryLanguage: 'JSONata', ...single(state) });
const output = (expression: string) => query({ Type: 'Pass', Output: { r: `{% ${expression} %}` } });
const function_ = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
const inline = { ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } };
const map = (fields: object) => single({ Type: 'Map', ...inline, ...fields });
const reading = (ReaderConfig: object, Key: string, fields: object = {}) =>
  single({
    Type: 'Map',
    ItemProcessor: {
      ...inline.ItemProcessor,
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    },
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig,
      Parameters: { Bucket: 'b', Key },
    },
    ...fields,
  });
const choosing = (rule: object, fields: object = {}) => ({
  StartAt: 'Only',
  States: {
    Only: { Type: 'Choice', Choices: [{ ...rule, Next: 'End' }], ...fields },
    End: { Type: 'Succeed' },
  },
});

const RUNTIME = 'States.Runtime';
const EVALUATION = 'States.QueryEvaluationError';

type Row = readonly [name: string, machine: object, input: unknown, error: string, cause: string];

const PATHS: readonly Row[] = [
  [
    'an argument without a match',
    parameters({ 'v.$': "States.Format('{}', $.none)" }),
    { a: 1 },
    RUNTIME,
    "The function 'States.Format('{}', $.none)' had the following error: The JsonPath argument for the field '$.none' could not be found in the input '{\"a\":1}'",
  ],
  [
    'an argument of an inner function, which is told by the outer one',
    parameters({ 'v.$': "States.Format('{}', States.ArrayLength($.none))" }),
    { a: 1 },
    RUNTIME,
    "The function 'States.Format('{}', States.ArrayLength($.none))' had the following error: The JsonPath argument for the field '$.none' could not be found in the input '{\"a\":1}'",
  ],
  [
    'an argument past the end of its list',
    parameters({ 'v.$': 'States.ArrayLength($.l[2])' }),
    { l: [] },
    RUNTIME,
    "The function 'States.ArrayLength($.l[2])' had the following error: The JsonPath argument for the field '$.l[2]' could not be found in the input '{\"l\":[]}'",
  ],
  [
    'a member of a list that ends before',
    parameters({ 'v.$': '$.l[2].a' }),
    { l: [] },
    RUNTIME,
    "The JSONPath '$.l[2].a' specified for the field 'v.$' could not be found in the input '{\"l\":[]}'",
  ],
  [
    'a function that refuses',
    parameters({ 'v.$': 'States.ArrayPartition($.l, 0)' }),
    { l: [1] },
    'States.IntrinsicFailure',
    "The function 'States.ArrayPartition($.l, 0)' had the following error: the chunk size has to be positive but is 0",
  ],
  [
    'no rule that matches',
    choosing({ Variable: '$.a', NumericEquals: 1 }),
    { a: 2 },
    'States.NoChoiceMatched',
    'Failed to transition out of the state. The state does not point to a next state.',
  ],
  [
    'an operand that is not there',
    choosing({ Variable: '$.a', NumericEqualsPath: '$.b' }, { Default: 'End' }),
    { a: 2 },
    RUNTIME,
    "Invalid path '$.b': The choice state's condition path references an invalid value.",
  ],
  [
    'seconds that are a text',
    single({ Type: 'Wait', SecondsPath: '$.s' }),
    { s: '1' },
    RUNTIME,
    'The SecondsPath parameter does not reference an integer value: $.s == "1"',
  ],
  [
    'a time-out that is a text',
    single({ Type: 'Task', Resource: function_('echo'), TimeoutSecondsPath: '$.s' }),
    { s: 'soon' },
    RUNTIME,
    'The TimeoutSecondsPath field refers to value "soon" which is not a valid integer: $.s',
  ],
  [
    'a heartbeat that is nowhere',
    single({ Type: 'Task', Resource: function_('echo'), HeartbeatSecondsPath: '$.s' }),
    {},
    RUNTIME,
    "The JSONPath '$.s' specified for the field 'HeartbeatSecondsPath' could not be found in the input '{}'",
  ],
  [
    'items that are no list',
    map({ ItemsPath: '$.l' }),
    { l: {} },
    RUNTIME,
    'Reference path "$.l" must point to array.',
  ],
  [
    'concurrency below zero',
    map({ ItemsPath: '$.l', MaxConcurrencyPath: '$.n' }),
    { l: [1], n: -1 },
    RUNTIME,
    'MaxConcurrency cannot be negative.',
  ],
];

const QUERIES: readonly Row[] = [
  [
    'a call with a code',
    output('$sum(["a"])'),
    {},
    EVALUATION,
    'The JSONata expression \'$sum(["a"])\' specified for the field \'Output/r\' threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"',
  ],
  [
    'too deep a nesting',
    output('($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(200))'),
    {},
    EVALUATION,
    "specified for the field 'Output/r' threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.",
  ],
  [
    'too large a sequence',
    output('$count([1..900000])'),
    {},
    EVALUATION,
    "specified for the field 'Output/r' threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage",
  ],
  [
    'a rule that returns nothing',
    { QueryLanguage: 'JSONata', ...choosing({ Condition: '{% $states.input.a %}' }, { Default: 'End' }) },
    {},
    EVALUATION,
    "The JSONata expression '$states.input.a' specified for the field 'Choices[0]/Condition' returned nothing (undefined).",
  ],
  [
    'a member of a list that returns nothing',
    query({ Type: 'Pass', Output: { l: [1, '{% $states.input.a %}'] } }),
    {},
    EVALUATION,
    "The JSONata expression '$states.input.a' specified for the field 'Output/l[1]' returned nothing (undefined).",
  ],
  [
    'a time-out of the wrong type',
    query({ Type: 'Task', Resource: function_('echo'), TimeoutSeconds: '{% "soon" %}' }),
    {},
    EVALUATION,
    "The JSONata expression '\"soon\"' specified for the field 'TimeoutSeconds' returned an unexpected result type. Expected 'integer', but was 'string' for value: \"soon\"",
  ],
];

const LAST = 'ExecutionFailed';
const BEGUN = ['ExecutionStarted', 'MapStateEntered', 'MapStateStarted'];
const IN_RUN = [...BEGUN, 'MapRunStarted', 'MapRunFailed', 'MapStateFailed', LAST];

const READERS: readonly (readonly [...Row, events: readonly string[]])[] = [
  [
    'a limit that is no integer',
    reading({ InputType: 'JSON', MaxItemsPath: '$.n' }, 'list.json'),
    { n: 1.5 },
    RUNTIME,
    'The MaxItemsPath field refers to value "1.5" which is not a valid integer: $.n',
    [...BEGUN, LAST],
  ],
  [
    'a limit below zero',
    reading({ InputType: 'JSON', MaxItemsPath: '$.n' }, 'list.json'),
    { n: -1 },
    'States.ItemReaderFailed',
    'field MaxItems must be positive',
    IN_RUN,
  ],
  [
    'batches without items',
    reading({ InputType: 'JSON' }, 'list.json', { ItemBatcher: { MaxItemsPerBatchPath: '$.n' } }),
    { n: 0 },
    RUNTIME,
    'MaxItemsPerBatch must be positive.',
    [...BEGUN, LAST],
  ],
  [
    'a header that comes twice',
    reading({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'twice.csv'),
    {},
    'States.ItemReaderFailed',
    'CSV headers cannot contain duplicates.',
    IN_RUN,
  ],
  [
    'a file without a list',
    reading({ InputType: 'JSON' }, 'object.json'),
    {},
    'States.ItemReaderFailed',
    'Attempting to map over non-iterable node.',
    IN_RUN,
  ],
  [
    'a tolerance above all',
    reading({ InputType: 'JSON' }, 'list.json', { ToleratedFailurePercentagePath: '$.n' }),
    { n: 101 },
    RUNTIME,
    'ToleratedFailurePercentage must be between 0 and 100.',
    [...BEGUN, LAST],
  ],
];

test.each<[string, object]>([
  ['a result', { Resource: function_('echo'), ResultPath: '$.a.b' }],
  [
    'an error that was caught',
    {
      Resource: function_('none'),
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.a.b', Next: 'Only' }],
    },
  ],
])('%s that cannot be put into its place ends the execution', async (_, fields) => {
  expect(await runMachine(world, single({ Type: 'Task', ...fields }), { a: 1 })).toMatchObject({
    status: 'FAILED',
    error: 'States.ResultPathMatchFailure',
    cause: 'Unable to apply ReferencePath $.a.b to input {"a":1}',
  });
});

describe('an execution ends by', () => {
  test.each([...PATHS, ...QUERIES])('%s', async (_, machine, input, error, cause) => {
    const run = await runMachine(world, machine, input);
    expect(run).toMatchObject({ status: 'FAILED', error });
    expect(run.cause).toContain("An error occurred while executing the state 'Only' (entered at the event");
    expect(run.cause?.endsWith(cause)).toBe(true);
  });

  test.each(READERS)('%s, with its events', async (_, machine, input, error, cause, events) => {
    const run = await runMachine(world, machine, input);
    expect(run).toMatchObject({ status: 'FAILED', error });
    expect(run.cause?.endsWith(cause)).toBe(true);
    expect((await historyOf(world, run.executionArn)).map(({ type }) => type)).toEqual(events);
  });
});

describe('an execution hands out', () => {
  test.each<[string, object, unknown, unknown]>([
    ['null for what is past the end of a list', parameters({ 'v.$': '$.l[2]' }), { l: [1] }, { v: null }],
    ['null for a quotient without end', output('1 / 0'), {}, { r: null }],
    ['a list for a path that may match nothing', parameters({ 'v.$': '$.l[*].a' }), {}, { v: [] }],
    [
      'a limit given as text',
      reading({ InputType: 'JSON', MaxItemsPath: '$.n' }, 'list.json'),
      { n: '2' },
      [1, 2],
    ],
    [
      'everything for the limit 0',
      reading({ InputType: 'JSON', MaxItemsPath: '$.n' }, 'list.json'),
      { n: 0 },
      [1, 2, 3],
    ],
    ['the list at a pointer', reading({ InputType: 'JSON', ItemsPointer: '/list' }, 'object.json'), {}, [7]],
    [
      'rows with the columns of the header',
      reading({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'rows.csv'),
      {},
      [
        { a: '1', '': '2', c: '' },
        { a: '4', '': '5', c: '6' },
      ],
    ],
  ])('%s', async (_, machine, input, expected) => {
    const run = await runMachine(world, machine, input);
    expect({ cause: run.cause, output: run.output }).toEqual({ cause: undefined, output: expected });
  });
});
