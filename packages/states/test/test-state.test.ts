import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failing, openWorld, type World } from './world.ts';

let world: World;
beforeAll(() => {
  world = openWorld({
    double: ({ n }: { n: number }) => ({ n: n * 2 }),
    broken: () => {
      throw failing('Broken', 'it broke');
    },
  });
});
afterAll(() => world.close());

const testState = (definition: object, rest: object = {}) =>
  world.call('TestState', { definition: JSON.stringify(definition), ...rest });

const invoke = (FunctionName: string, rest: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName, 'Payload.$': '$' },
  ...rest,
});

describe('TestState', () => {
  test('runs a state with its real work and says where it would go', async () => {
    const state = invoke('double', {
      ResultSelector: { 'n.$': '$.Payload.n' },
      ResultPath: '$.doubled',
      Next: 'Other',
    });
    const tested = await testState(state, { input: '{"n": 4}', inspectionLevel: 'DEBUG' });
    expect(tested).toMatchObject({
      status: 'SUCCEEDED',
      nextState: 'Other',
      output: '{"n":4,"doubled":{"n":8}}',
    });
    expect(tested['inspectionData']).toMatchObject({
      input: '{"n": 4}',
      afterInputPath: '{"n":4}',
      afterParameters: '{"FunctionName":"double","Payload":{"n":4}}',
      afterResultSelector: '{"n":8}',
      afterResultPath: '{"n":4,"doubled":{"n":8}}',
    });
    expect(await testState(state, { input: '{"n": 4}' })).not.toHaveProperty('inspectionData');
  });

  test('takes a mock for the work, variables and context as given', async () => {
    const state = {
      Type: 'Task',
      QueryLanguage: 'JSONata',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: '{% $queue %}', MessageBody: '{% $states.context.Task.Token %}' },
      Output: { got: '{% $states.result.x %}', run: '{% $states.context.Execution.Name %}' },
      Assign: { last: '{% $states.result.x %}' },
      End: true,
    };
    const tested = await testState(state, {
      variables: '{"queue":"q"}',
      context: '{"Execution":{"Name":"mine"},"Task":{"Token":"t"}}',
      mock: { result: '{"x":1}' },
      inspectionLevel: 'DEBUG',
    });
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: '{"got":1,"run":"mine"}' });
    expect(tested['inspectionData']).toMatchObject({
      afterArguments: '{"QueueUrl":"q","MessageBody":"t"}',
      variables: '{"queue":"q","last":1}',
    });
  });

  const recovering = invoke('broken', {
    Retry: [
      { ErrorEquals: ['Other'], MaxAttempts: 1 },
      { ErrorEquals: ['Broken'], IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 2 },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Mend' }],
    End: true,
  });

  test.each<[string, object, object]>([
    [
      'that a retrier takes, with its next wait',
      {
        mock: { errorOutput: { error: 'Broken', cause: 'c' } },
        stateConfiguration: { retrierRetryCount: 1 },
      },
      {
        status: 'RETRIABLE',
        error: 'Broken',
        cause: 'c',
        inspectionData: { errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: 6 } },
      },
    ],
    [
      'that no retrier takes any more',
      {
        mock: { errorOutput: { error: 'Broken', cause: 'c' } },
        stateConfiguration: { retrierRetryCount: 2 },
      },
      {
        status: 'CAUGHT_ERROR',
        nextState: 'Mend',
        output: '{"error":{"Error":"Broken","Cause":"c"}}',
        inspectionData: { errorDetails: { catchIndex: 0 } },
      },
    ],
    ['of the real work', {}, { status: 'RETRIABLE', error: 'Broken' }],
  ])('shows an error %s', async (_, request, expected) => {
    expect(await testState(recovering, { inspectionLevel: 'DEBUG', ...request })).toMatchObject(expected);
  });

  test('finds a state in its machine, also inside of others', async () => {
    const inner = {
      StartAt: 'In',
      States: { In: { Type: 'Pass', Parameters: { 'a.$': '$.x' }, End: true } },
    };
    const machine = { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: inner, End: true } } };
    expect(await testState(machine, { stateName: 'In', input: '{"x":1}' })).toMatchObject({
      output: '{"a":1}',
    });
    expect(
      await testState(machine, { stateName: 'Each', input: '[1]', mock: { result: '[2]' } }),
    ).toMatchObject({
      status: 'SUCCEEDED',
      output: '[2]',
    });
  });

  test('follows a choice, and fails where the state does', async () => {
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'One' }] };
    expect(await testState(choice, { input: '{"a":1}' })).toMatchObject({
      status: 'SUCCEEDED',
      nextState: 'One',
    });
    expect(await testState(choice, { input: '{"a":2}' })).toMatchObject({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
    });
  });

  test.each<[string, object, object, string]>([
    [
      'a Map without a mock',
      { Type: 'Map', ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Succeed' } } }, End: true },
      {},
      'is not supported when a mock is not specified',
    ],
    [
      'a mock of two kinds',
      invoke('double', { End: true }),
      { mock: { result: '{}', errorOutput: {} } },
      'only one of the following fields',
    ],
    [
      'a result that the API would not give',
      invoke('double', { End: true }),
      { mock: { result: '{"StatusCode":"200"}' } },
      "Field 'StatusCode' must be a number",
    ],
    [
      'a mock where nothing is called',
      { Type: 'Pass', End: true },
      { mock: { result: '{}' } },
      'does not support mocking',
    ],
    [
      'a state that is not in the machine',
      { StartAt: 'A', States: { A: { Type: 'Succeed' } } },
      { stateName: 'B' },
      "State 'B' does not exist",
    ],
    ['a broken state', { Type: 'Pass', Nothing: 1, End: true }, {}, "Field 'Nothing' is not supported"],
  ])('refuses %s', async (_, definition, request, message) => {
    await expect(testState(definition, request)).rejects.toThrow(message);
  });

  const distributed = (fields: object): object => ({
    Type: 'Map',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'In',
      States: { In: { Type: 'Pass', End: true } },
    },
    End: true,
    ...fields,
  });
  const reader = {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON', ItemsPointer: '/rows', MaxItems: 3 },
    Parameters: { Bucket: 'b', Key: 'k' },
  };

  test('shows what a Map makes of its items', async () => {
    const state = {
      Type: 'Map',
      ItemsPath: '$.list',
      ItemSelector: { 'n.$': '$$.Map.Item.Value', 'of.$': '$.name' },
      MaxConcurrency: 2,
      ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } },
      End: true,
    };
    const request = { mock: { result: '[3]' }, inspectionLevel: 'DEBUG' };
    const tested = await testState(state, { ...request, input: '{"list":[1,2],"name":"x"}' });
    expect(tested).toMatchObject({ status: 'SUCCEEDED', output: '[3]' });
    expect(tested['inspectionData']).toMatchObject({
      afterItemsPath: '[1,2]',
      afterItemSelector: '[{"n":1,"of":"x"},{"n":2,"of":"x"}]',
      maxConcurrency: 2,
      result: '[3]',
    });
    expect(tested['inspectionData']).not.toHaveProperty('toleratedFailureCount');
    expect(await testState(state, { ...request, input: '{"list":5}' })).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
  });

  test('reads the items of a distributed Map out of what its reader would find', async () => {
    const state = distributed({
      ItemReader: reader,
      ItemBatcher: { MaxItemsPerBatch: 2 },
      ToleratedFailurePercentage: 50,
    });
    const request = (mapItemReaderData: string, mapIterationFailureCount = 0) => ({
      mock: { result: '[]' },
      stateConfiguration: { mapItemReaderData, mapIterationFailureCount },
      inspectionLevel: 'DEBUG',
    });
    const data = '{"rows":[1,2,3,4]}';
    expect(await testState(state, request(data))).toMatchObject({
      status: 'SUCCEEDED',
      inspectionData: {
        afterItemsPointer: '[1,2,3]',
        afterItemBatcher: '[{"Items":[1,2]},{"Items":[3]}]',
        toleratedFailureCount: 0,
        toleratedFailurePercentage: 50,
        maxConcurrency: 0,
      },
    });
    expect(await testState(state, request(data, 1))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await testState(state, request(data, 2))).toMatchObject({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
    });
    expect(await testState(state, request('{"rows":{}}'))).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
    });
    await expect(testState(state, request(data, 4))).rejects.toThrow('there are 3 items');
  });

  test.each<[string, object, object, string]>([
    ['context without a mock', invoke('double', { End: true }), { context: '{}' }, "'context' can only be"],
    [
      'failed iterations of what is no Map',
      invoke('double', { End: true }),
      { mock: { result: '{}' }, stateConfiguration: { mapIterationFailureCount: 1 } },
      'mapIterationFailureCount',
    ],
    [
      'data for a Map without a reader',
      distributed({}),
      { mock: { result: '[]' }, stateConfiguration: { mapItemReaderData: '[]' } },
      'mapItemReaderData',
    ],
    [
      'an error of a state that is not inside',
      distributed({}),
      { mock: { errorOutput: { error: 'E' } }, stateConfiguration: { errorCausedByState: 'Out' } },
      "names 'Out'",
    ],
    [
      'an answer that lacks what its API requires',
      { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:glue:getJob', End: true },
      { mock: { result: '{"Name":"n"}' } },
      "Field 'Id' is required but was missing",
    ],
  ])('refuses %s', async (_, definition, request, message) => {
    await expect(testState(definition, request)).rejects.toThrow(message);
  });

  test('takes an error out of a state inside, and what an API requires only in the strict mode', async () => {
    const error = { mock: { errorOutput: { error: 'E' } }, stateConfiguration: { errorCausedByState: 'In' } };
    expect(await testState(distributed({}), { ...error, input: '[1]' })).toMatchObject({
      status: 'FAILED',
      error: 'E',
    });
    const state = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:glue:getJob', End: true };
    const present = (result: string) => ({ mock: { result, fieldValidationMode: 'PRESENT' } });
    expect(await testState(state, present('{"Name":"n"}'))).toMatchObject({ status: 'SUCCEEDED' });
    await expect(testState(state, present('{"Name":1}'))).rejects.toThrow("Field 'Name' must be a string");
  });

  test('takes a result of any form without validation', async () => {
    const request = { mock: { result: '{"StatusCode":"200"}', fieldValidationMode: 'NONE' } };
    expect(await testState(invoke('double', { End: true }), request)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
