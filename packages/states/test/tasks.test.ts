import { describe, expect, test } from '@jest/globals';
import {
  createMachine,
  ended,
  failing,
  historyOf,
  openWorld,
  runMachine,
  single,
  startExecution,
} from './world.ts';

const CALL = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:work' };
const INVOKE = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'work', 'Payload.$': '$' },
};
const ASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
};

describe('retry', () => {
  test('comes before catch, waits with backoff up to its limit, and starts anew for another error', async () => {
    const times: number[] = [];
    const world = openWorld({
      work: (_, { clock }) => {
        times.push(clock.now());
        throw failing('Flaky');
      },
    });
    const retry = [
      { ErrorEquals: ['Flaky'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
    ];
    const caught = [{ ErrorEquals: ['States.TaskFailed'], Next: 'After' }];
    const definition = {
      StartAt: 'Call',
      States: { Call: { ...CALL, Retry: retry, Catch: caught, End: true }, After: { Type: 'Succeed' } },
    };
    const { status, output } = await runMachine(world, definition);
    expect(status).toBe('SUCCEEDED');
    expect(output).toMatchObject({ Error: 'Flaky' });
    expect(times.map((at) => (at - (times[0] ?? 0)) / 1000)).toEqual([0, 2, 8, 18]);
    await world.close();
  });

  test('with full jitter waits a random part of the interval', async () => {
    const times: number[] = [];
    const world = openWorld({
      work: (_, { clock }) => {
        times.push(clock.now());
        if (times.length < 2) throw failing('Flaky');
        return 'done';
      },
    });
    await runMachine(
      world,
      single({
        ...CALL,
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, JitterStrategy: 'FULL' }],
      }),
    );
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(5_000);
    await world.close();
  });

  test('tells the state how often it was tried', async () => {
    const world = openWorld({
      work: (event: { count: number }) => {
        if (event.count < 2) throw failing('Flaky');
        return event;
      },
    });
    const state = {
      ...CALL,
      Parameters: { 'count.$': '$$.State.RetryCount' },
      Retry: [{ ErrorEquals: ['Flaky'] }],
    };
    expect((await runMachine(world, single(state))).output).toEqual({ count: 2 });
    await world.close();
  });
});

describe('time', () => {
  test('a task that is not answered in time fails as States.Timeout, at the second', async () => {
    const world = openWorld({ ask: () => null });
    const machine = await createMachine(world, single({ ...ASK, TimeoutSeconds: 90 }));
    const execution = await ended(world, await startExecution(world, machine));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    const [first, ...rest] = await historyOf(world, execution.executionArn);
    expect(Number(rest.at(-1)?.['timestamp']) - Number(first?.['timestamp'])).toBe(90);
    await world.close();
  });

  test('heartbeats keep a task alive, and it dies of the first that is missing', async () => {
    const world = openWorld({
      ask: (event: { token: string }, { call, clock }) => {
        for (const minutes of [50, 100, 150])
          clock.at(
            clock.now() + minutes * 60_000,
            () => void call('SendTaskHeartbeat', { taskToken: event.token }),
          );
      },
    });
    const caught = [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Dead' }];
    const states = {
      Ask: { ...ASK, HeartbeatSeconds: 3600, TimeoutSeconds: 86_400, Catch: caught, End: true },
      Dead: { Type: 'Pass', Result: 'dead', End: true },
    };
    const execution = await runMachine(world, { StartAt: 'Ask', States: states });
    expect(execution.output).toBe('dead');
    const events = await historyOf(world, execution.executionArn);
    expect(Number(events.at(-1)?.['timestamp']) - Number(events[0]?.['timestamp'])).toBe((150 + 60) * 60);
    await world.close();
  });

  test('an execution that takes longer than its machine allows is TIMED_OUT', async () => {
    const world = openWorld();
    const { status } = await runMachine(world, {
      TimeoutSeconds: 10,
      ...single({ Type: 'Wait', Seconds: 2_592_000 }),
    });
    expect(status).toBe('TIMED_OUT');
    await world.close();
  });
});

describe('Credentials', () => {
  const role = 'arn:aws:iam::111122223333:role/other';

  test.each<[string, object]>([
    ['a path', { Credentials: { 'RoleArn.$': '$.role' } }],
    ['an expression', { QueryLanguage: 'JSONata', Credentials: { RoleArn: '{% $states.input.role %}' } }],
    ['a text', { Credentials: { RoleArn: role } }],
  ])('name the role of a call by %s, and the history tells it', async (_, fields) => {
    const world = openWorld({ work: () => 1 });
    const run = await runMachine(world, single({ ...CALL, ...fields }), { role });
    expect(run.output).toBe(1);
    const scheduled = (await historyOf(world, run.executionArn)).find(
      ({ type }) => type === 'LambdaFunctionScheduled',
    );
    expect(scheduled?.['lambdaFunctionScheduledEventDetails']).toMatchObject({
      taskCredentials: { roleArn: role },
    });
    await world.close();
  });

  test('that lead nowhere end the execution', async () => {
    const world = openWorld({ work: () => 1 });
    const state = { ...CALL, Credentials: { 'RoleArn.$': '$.none' } };
    expect(await runMachine(world, single(state))).toMatchObject({ error: 'States.Runtime' });
    const number = { ...CALL, Credentials: { 'RoleArn.$': '$.n' } };
    expect(await runMachine(world, single(number), { n: 1 })).toMatchObject({ error: 'States.Runtime' });
    await world.close();
  });
});

describe('tokens', () => {
  test('end the task with what they are answered, once', async () => {
    const tokens: string[] = [];
    const world = openWorld({ ask: (event: { token: string }) => void tokens.push(event.token) });
    const execution = await startExecution(world, await createMachine(world, single(ASK)));
    while (tokens.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [taskToken] = tokens;
    await world.call('SendTaskSuccess', { taskToken, output: '{"yes":true}' });
    await expect(world.call('SendTaskSuccess', { taskToken, output: '{}' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await expect(
      world.call('SendTaskSuccess', { taskToken: 'no token', output: '{}' }),
    ).rejects.toMatchObject({ code: 'InvalidToken' });
    expect((await ended(world, execution)).output).toEqual({ yes: true });
    await world.close();
  });

  test('may be answered while the call is still under way', async () => {
    const world = openWorld({
      ask: (event: { token: string }, { call }) =>
        call('SendTaskFailure', { taskToken: event.token, error: 'No', cause: 'because' }),
    });
    expect(await runMachine(world, single(ASK))).toMatchObject({
      status: 'FAILED',
      error: 'No',
      cause: 'because',
    });
    await world.close();
  });
});

describe('activities', () => {
  const openWorker = async () => {
    const world = openWorld();
    const { activityArn } = await world.call('CreateActivity', { name: 'work' });
    return { world, activityArn, state: { Type: 'Task', Resource: String(activityArn), End: true } };
  };

  test('give a task to the worker that polls, and its answer to the state', async () => {
    const { world, activityArn, state } = await openWorker();
    const release = world.clock.hold();
    const polled = world.call('GetActivityTask', { activityArn, workerName: 'me' });
    const execution = await startExecution(world, await createMachine(world, single(state)), { a: 1 });
    const { taskToken, input } = await polled;
    release();
    expect(input).toBe('{"a":1}');
    await world.call('SendTaskSuccess', { taskToken, output: '"done"' });
    expect((await ended(world, execution)).output).toBe('done');
    expect((await historyOf(world, execution)).map(({ type }) => type)).toEqual([
      ...[
        'ExecutionStarted',
        'TaskStateEntered',
        'ActivityScheduled',
        'ActivityStarted',
        'ActivitySucceeded',
        'TaskStateExited',
        'ExecutionSucceeded',
      ],
    ]);
    await world.close();
  });

  test('answer a poll with nothing after a minute, and do not hand out what has timed out', async () => {
    const { world, activityArn, state } = await openWorker();
    expect(await runMachine(world, single({ ...state, TimeoutSeconds: 5 }))).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    const before = world.clock.now();
    expect(await world.call('GetActivityTask', { activityArn })).toEqual({});
    expect(world.clock.now() - before).toBe(60_000);
    await world.close();
  });
});

describe('calls', () => {
  test('a result over the limit is States.DataLimitExceeded, counted in bytes', async () => {
    const world = openWorld({ work: () => 'é'.repeat(131_072) });
    expect(await runMachine(world, single(CALL))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    await world.close();
  });

  test('a result over the limit is caught by its own name and by States.ALL, not as a failed task', async () => {
    const world = openWorld({ work: () => 'é'.repeat(131_072) });
    const caughtBy = async (name: string) => {
      const Catch = [{ ErrorEquals: [name], Next: 'Excuse' }];
      const States = { Work: { ...CALL, Catch, End: true }, Excuse: { Type: 'Succeed' } };
      return (await runMachine(world, { StartAt: 'Work', States })).status;
    };
    expect(await caughtBy('States.TaskFailed')).toBe('FAILED');
    expect(await caughtBy('States.ALL')).toBe('SUCCEEDED');
    expect(await caughtBy('States.DataLimitExceeded')).toBe('SUCCEEDED');
    await world.close();
  });

  describe('what a state would hand on is over the limit, past its reply:', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Excuse' }];
    const joined = { ...CALL, ResultPath: '$.reply', Catch, End: true };
    const States = { Work: joined, Excuse: { Type: 'Succeed' } };
    const input = { text: 'x'.repeat(200_000) };
    const half = () => 'x'.repeat(100_000);

    test.each(['States.ALL', 'States.DataLimitExceeded'])(
      'its own Catch for %s does not take it',
      async (name) => {
        const world = openWorld({ work: half });
        const Work = { ...joined, Catch: [{ ErrorEquals: [name], Next: 'Excuse' }] };
        const ended = await runMachine(world, { StartAt: 'Work', States: { ...States, Work } }, input);
        expect(ended).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
        await world.close();
      },
    );

    test('a Catch of the Parallel around it does', async () => {
      const world = openWorld({ work: half });
      const Branches = [{ StartAt: 'Work', States }];
      const Both = {
        Type: 'Parallel',
        Branches,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }],
        End: true,
      };
      const machine = { StartAt: 'Both', States: { Both, Sorry: { Type: 'Succeed' } } };
      expect((await runMachine(world, machine, input)).status).toBe('SUCCEEDED');
      await world.close();
    });
  });

  test('an event invocation is answered before the function has run', async () => {
    const world = openWorld({ work: () => 'not seen' });
    const { output } = await runMachine(
      world,
      single({ ...INVOKE, Parameters: { ...INVOKE.Parameters, InvocationType: 'Event' } }),
    );
    expect(output).toMatchObject({ StatusCode: 202 });
    await world.close();
  });

  test('events go to the bus with the execution among their resources', async () => {
    const world = openWorld();
    const entries = [{ Source: 'me', DetailType: 'happened', Detail: { 'what.$': '$.what' } }];
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Parameters: { Entries: entries },
    };
    const { executionArn, output } = await runMachine(world, single(state), { what: 'x' });
    expect(output).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: 'event-0' }] });
    expect(world.events).toContainEqual({
      Source: 'me',
      DetailType: 'happened',
      Detail: '{"what":"x"}',
      Resources: [executionArn],
    });
    await world.close();
  });

  test('an event that the bus would refuse fails the task, and the others are put', async () => {
    const world = openWorld();
    const entries = [
      { Source: 'me', DetailType: 'd', Detail: {} },
      { Source: 'me', DetailType: 'd', Detail: 'no json' },
    ];
    const { error, cause } = await runMachine(
      world,
      single({
        Type: 'Task',
        Resource: 'arn:aws:states:::events:putEvents',
        Parameters: { Entries: entries },
      }),
    );
    expect(error).toBe('EventBridge.FailedEntry');
    expect(JSON.parse(String(cause))).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: 'event-0' }, { ErrorCode: 'MalformedDetail' }],
    });
    await world.close();
  });

  test('of any API go out with their parameters, and fail as the SDK says it', async () => {
    const world = openWorld();
    const call = (action: string) => ({
      Type: 'Task',
      Resource: `arn:aws:states:::aws-sdk:dynamodb:${action}`,
      Parameters: { 'TableName.$': '$.table' },
    });
    const { output } = await runMachine(world, single(call('query')), { table: 't' });
    expect(output).toEqual({ service: 'aws-sdk:dynamodb', action: 'query', input: { TableName: 't' } });
    const { error, cause } = await runMachine(world, single(call('fail')), { table: 't' });
    expect(error).toBe('DynamoDb.OddException');
    expect(cause).toMatch(/^it is odd \(Service: DynamoDb, Status Code: 400, Request ID: [\w-]+\)$/);
    await world.close();
  });

  test('of Lambda hand out the end of the log where it is asked for, and take no event for an empty one', async () => {
    const world = openWorld({ work: (event: unknown) => event });
    const Parameters = { FunctionName: 'work', Payload: null, LogType: 'Tail' };
    const { output } = await runMachine(world, single({ ...INVOKE, Parameters }));
    expect(output).toMatchObject({ Payload: {}, LogResult: '' });
    await world.close();
  });

  test('items go to DynamoDB as they are', async () => {
    const world = openWorld();
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::dynamodb:putItem',
      Parameters: { TableName: 't', Item: { id: { 'S.$': '$.id' } } },
    };
    const { output } = await runMachine(world, single(state), { id: 'a' });
    expect(output).toMatchObject({ action: 'PutItem', input: { TableName: 't', Item: { id: { S: 'a' } } } });
    await world.close();
  });
});

describe('child executions', () => {
  const child = (resource: string, machine: string) =>
    single({
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${resource}`,
      Parameters: { StateMachineArn: machine, 'Input.$': '$' },
    });

  test('.sync:2 hands out the output as data, .sync as text', async () => {
    const world = openWorld();
    const machine = await createMachine(world, single({ Type: 'Pass' }));
    expect((await runMachine(world, child('.sync:2', machine), { a: 1 })).output).toMatchObject({
      Status: 'SUCCEEDED',
      Output: { a: 1 },
    });
    expect((await runMachine(world, child('.sync', machine), { a: 1 })).output).toMatchObject({
      Status: 'SUCCEEDED',
      Output: '{"a":1}',
    });
    await world.close();
  });

  test('both are told of on the bus, from start to end', async () => {
    const world = openWorld();
    const machine = await createMachine(world, single({ Type: 'Pass' }));
    const { executionArn } = await runMachine(world, child('.sync:2', machine));
    while (world.events.length < 4) await new Promise((resolve) => setImmediate(resolve));
    const told = world.events.map(
      ({ Resources, Detail }) =>
        `${Resources?.[0] === executionArn ? 'parent' : 'child'} ${JSON.parse(Detail).status}`,
    );
    expect(told).toEqual(['parent RUNNING', 'child RUNNING', 'child SUCCEEDED', 'parent SUCCEEDED']);
    await world.close();
  });

  test('a child that fails fails the task with its description', async () => {
    const world = openWorld();
    const machine = await createMachine(world, {
      StartAt: 'No',
      States: { No: { Type: 'Fail', Error: 'Nope' } },
    });
    const { error, cause } = await runMachine(world, child('.sync:2', machine));
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(String(cause))).toMatchObject({ Status: 'FAILED', Error: 'Nope' });
    await world.close();
  });

  test('a child that cannot be started is a task that was not submitted', async () => {
    const world = openWorld();
    const { executionArn, error } = await runMachine(
      world,
      child('.sync:2', 'arn:aws:states:us-east-1:123456789012:stateMachine:none'),
    );
    expect(error).toBe('StepFunctions.StateMachineDoesNotExistException');
    expect((await historyOf(world, executionArn)).map(({ type }) => type).slice(2)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitFailed',
      'ExecutionFailed',
    ]);
    await world.close();
  });

  test('stopping the parent stops the child it waits for', async () => {
    const world = openWorld();
    const machine = await createMachine(world, single({ Type: 'Wait', Seconds: 1000 }));
    const release = world.clock.hold();
    const parent = await startExecution(world, await createMachine(world, child('.sync:2', machine)));
    const running = async () =>
      (await world.call('ListExecutions', { stateMachineArn: machine }))['executions'] as
        | { status: string }[]
        | undefined;
    while ((await running())?.length !== 1) await new Promise((resolve) => setImmediate(resolve));
    await world.call('StopExecution', { executionArn: parent, error: 'Stop', cause: 'enough' });
    expect((await running())?.map(({ status }) => status)).toEqual(['ABORTED']);
    expect(await ended(world, parent)).toMatchObject({ status: 'ABORTED', error: 'Stop', cause: 'enough' });
    release();
    await world.close();
  });
});
