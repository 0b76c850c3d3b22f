import {
  CreateAliasCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from './deploy-code.ts';

const HANDLERS = {
  echo: 'async (event, context) => ({ event, name: context.functionName, version: context.functionVersion, arn: context.invokedFunctionArn, id: context.awsRequestId })',
  count: '(() => { let calls = 0; return async () => ++calls; })()',
  environment: 'async () => process.env',
  fails:
    'async () => { const error = new Error("no such order"); error.name = "Order.Missing"; throw error; }',
  text: 'async () => { throw "just text"; }',
  nothing: 'async () => {}',
  circular: 'async () => { const a = {}; a.a = a; return a; }',
  slow: 'async (_, context) => { await new Promise((resolve) => setTimeout(resolve, 60_000)); }',
  exits: 'async () => process.exit(7)',
  crashes:
    'async () => { setTimeout(() => { throw new RangeError("later"); }, 1); await new Promise(() => {}); }',
  greedy: 'async () => { const kept = []; for (;;) kept.push(new Array(100_000).fill(Math.random())); }',
  huge: 'async () => "x".repeat(6_291_556)',
  prints:
    'async (event) => { console.log("working on", event); process.stdout.write("raw line\\n"); console.error("two\\nlines"); return 1; }',
  remaining: 'async (_, context) => context.getRemainingTimeInMillis()',
} as const;

let opened: TestCloud;
let lambda: LambdaClient;

beforeAll(async () => {
  opened = await openTestCloud();
  lambda = new LambdaClient(opened.config);
  const memory: Readonly<Record<string, number>> = { greedy: 32 };
  for (const [name, code] of Object.entries(HANDLERS)) {
    await deployCode(opened.cloud, name, code, {
      config: {
        timeout: name === 'slow' ? 0.1 : 5,
        memorySize: memory[name] ?? 128,
        environment: { STAGE: 'test' },
      },
    });
  }
});

afterAll(async () => {
  lambda.destroy();
  await opened.close();
});

async function invoke(FunctionName: string, event: unknown = {}, options: object = {}) {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...options }),
  );
  return { ...answer, result: JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null') };
}

describe('answers', () => {
  test('a function gets the event and a context, and its result comes back', async () => {
    const { result, StatusCode, ExecutedVersion } = await invoke('echo', { order: 'ü' });
    expect([StatusCode, ExecutedVersion]).toEqual([200, '$LATEST']);
    expect(result).toMatchObject({
      event: { order: 'ü' },
      name: 'echo',
      version: '$LATEST',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    });
  });

  test('a function is found by name, name and version, and ARN, and knows how it was called', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
    expect((await invoke('echo:1')).result.arn).toBe(`${arn}:1`);
    expect((await invoke(`${arn}:1`)).result.version).toBe('1');
    expect((await invoke('000000000000:function:echo', {}, { Qualifier: '1' })).ExecutedVersion).toBe('1');
  });

  test('a missing function or version is not found', async () => {
    expect(await refusalOf(invoke('missing'))).toEqual({ name: 'ResourceNotFoundException', status: 404 });
    expect((await refusalOf(invoke('echo:99'))).name).toBe('ResourceNotFoundException');
  });

  test('module state lives on in a warm sandbox', async () => {
    expect([(await invoke('count')).result, (await invoke('count')).result]).toEqual([1, 2]);
  });

  test('one sandbox works on one event at a time', async () => {
    const counts = await Promise.all(Array.from({ length: 6 }, () => invoke('count')));
    expect(Math.max(...counts.map(({ result }) => result))).toBeLessThan(9);
  });

  test('no result is null', async () => {
    expect((await invoke('nothing')).result).toBeNull();
  });

  test('a dry run calls nothing', async () => {
    expect((await invoke('fails', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
  });

  test('the environment is the function’s own, with the way to the cloud in it', async () => {
    process.env['OF_THE_HOST'] = 'secret';
    const { result } = await invoke('environment');
    expect(result).toMatchObject({
      STAGE: 'test',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: opened.cloud.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    });
    expect(result).not.toHaveProperty('OF_THE_HOST');
    expect(result).not.toHaveProperty('PATH');
  });

  test('the time that remains is that of the function', async () => {
    const { result } = await invoke('remaining');
    expect(result).toBeGreaterThan(4000);
    expect(result).toBeLessThanOrEqual(5000);
  });
});

describe('failures', () => {
  test.each([
    [
      'fails',
      {
        errorType: 'Order.Missing',
        errorMessage: 'no such order',
        trace: expect.arrayContaining(['Order.Missing: no such order']),
      },
    ],
    ['text', { errorType: 'string', errorMessage: 'just text', trace: [] }],
    ['circular', { errorType: 'Runtime.MarshalError', errorMessage: 'Unable to stringify response body' }],
    [
      'slow',
      {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]{36} Error: Task timed out after 0\.10 seconds$/,
        ),
      },
    ],
    [
      'exits',
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Error: Runtime exited with error: exit status 7$/),
      },
    ],
    ['crashes', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'RangeError: later' }],
    ['greedy', { errorType: 'Runtime.OutOfMemory', errorMessage: expect.stringContaining('signal: killed') }],
    [
      'huge',
      {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: expect.stringContaining('exceeded maximum allowed payload size (6291556 bytes)'),
      },
    ],
  ])('%s is reported as Lambda reports it', async (name, error) => {
    const { FunctionError, StatusCode, result } = await invoke(name);
    expect([StatusCode, FunctionError]).toEqual([200, 'Unhandled']);
    expect(result).toMatchObject(error);
  });

  test('code that cannot be loaded and a handler that is not exported say so', async () => {
    await deployCode(opened.cloud, 'broken', 'syntax error here');
    expect((await invoke('broken')).result.errorType).toBe('SyntaxError');
    await deployCode(opened.cloud, 'unexported', 'async () => 1', { config: { exportName: 'other' } });
    expect((await invoke('unexported')).result).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'other is undefined or not exported',
    });
  });

  test('the next event after a failure finds a working function', async () => {
    await invoke('exits');
    expect((await invoke('echo', { after: true })).result.event).toEqual({ after: true });
  });

  test('a payload over the limit and one that is not JSON are refused', async () => {
    expect(await refusalOf(invoke('echo', 'x'.repeat(6_291_456)))).toEqual({
      name: 'RequestTooLargeException',
      status: 413,
    });
    expect((await refusalOf(invoke('echo', 'x'.repeat(1_048_576), { InvocationType: 'Event' }))).name).toBe(
      'RequestTooLargeException',
    );
    expect(
      (await refusalOf(lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: '{' })))).name,
    ).toBe('InvalidRequestContentException');
  });
});

describe('versions and aliases', () => {
  test('a version keeps its code and settings when the function changes', async () => {
    const first = await deployCode(opened.cloud, 'evolving', 'async () => "one"');
    const same = await deployCode(opened.cloud, 'evolving', 'async () => "one"');
    const second = await deployCode(opened.cloud, 'evolving', 'async () => "two"');
    expect([first.version.version, same.version.version, same.changed, second.version.version]).toEqual([
      '1',
      '1',
      false,
      '2',
    ]);
    expect([
      (await invoke('evolving:1')).result,
      (await invoke('evolving:2')).result,
      (await invoke('evolving')).result,
    ]).toEqual(['one', 'two', 'two']);
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'evolving' }));
    expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2']);
  });

  test('an alias moves, and shares its events out by weight', async () => {
    const FunctionName = 'evolving';
    await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    expect((await invoke('evolving:live')).result).toBe('one');
    await lambda.send(
      new UpdateAliasCommand({
        FunctionName,
        Name: 'live',
        RoutingConfig: { AdditionalVersionWeights: { 2: 1 } },
      }),
    );
    expect((await invoke('evolving:live')).result).toBe('two');
    expect(await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { 2: 1 } },
    });
    expect(
      (
        await refusalOf(
          lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' })),
        )
      ).name,
    ).toBe('ResourceConflictException');
  });

  test('a function is described', async () => {
    expect(
      (await lambda.send(new ListFunctionsCommand({}))).Functions?.map(({ FunctionName }) => FunctionName),
    ).toContain('echo');
    expect((await lambda.send(new GetFunctionCommand({ FunctionName: 'echo' }))).Configuration).toMatchObject(
      {
        Handler: 'index.handler',
        Timeout: 5,
        MemorySize: 128,
      },
    );
    expect(
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'echo', Qualifier: '1' })))
        .Version,
    ).toBe('1');
  });
});

test('the tail of the log is what the function printed, in order', async () => {
  const { LogResult } = await invoke('prints', { a: 1 }, { LogType: 'Tail' });
  const log = Buffer.from(LogResult ?? '', 'base64').toString();
  expect(log).toMatch(
    /^START RequestId: \S+ Version: \$LATEST\n\S+\t\S+\tINFO\tworking on \{ a: 1 \}\nraw line\n\S+\t\S+\tERROR\ttwo\nlines\nEND RequestId: \S+\nREPORT /,
  );
});
