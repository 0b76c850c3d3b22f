import { describe, expect, test } from '@jest/globals';
import type { Journal } from '../src/ports/journal.ts';
import {
  createMachine,
  ended,
  historyOf,
  openWorld,
  ROLE,
  single,
  startExecution,
  type World,
} from './world.ts';

const PASS = single({ Type: 'Pass' });
const saying = (word: string) => single({ Type: 'Pass', Result: word });

async function published(world: World): Promise<{ machine: string; first: string; second: string }> {
  const machine = await createMachine(world, saying('one'), { publish: true });
  const updated = await world.call('UpdateStateMachine', {
    stateMachineArn: machine,
    definition: JSON.stringify(saying('two')),
    publish: true,
  });
  return { machine, first: `${machine}:1`, second: String(updated['stateMachineVersionArn']) };
}

describe('state machines', () => {
  test('creating one again is no error when everything is equal', async () => {
    const world = openWorld();
    const request = { name: 'same', definition: JSON.stringify(PASS), roleArn: ROLE };
    const created = await world.call('CreateStateMachine', request);
    expect(await world.call('CreateStateMachine', request)).toEqual(created);
    await expect(world.call('CreateStateMachine', { ...request, roleArn: `${ROLE}2` })).rejects.toMatchObject(
      { code: 'StateMachineAlreadyExists' },
    );
    await world.close();
  });

  test('an update reaches new executions only', async () => {
    const world = openWorld();
    const machine = await createMachine(world, {
      StartAt: 'Rest',
      States: {
        Rest: { Type: 'Wait', Seconds: 60, Next: 'Say' },
        Say: { Type: 'Pass', Result: 'old', End: true },
      },
    });
    const release = world.clock.hold();
    const before = await startExecution(world, machine);
    await world.call('UpdateStateMachine', {
      stateMachineArn: machine,
      definition: JSON.stringify(saying('new')),
    });
    const after = await startExecution(world, machine);
    release();
    expect((await ended(world, before)).output).toBe('old');
    expect((await ended(world, after)).output).toBe('new');
    const described = await world.call('DescribeStateMachineForExecution', { executionArn: before });
    expect(JSON.parse(String(described['definition'])).StartAt).toBe('Rest');
    await world.close();
  });

  test('names are checked', async () => {
    const world = openWorld();
    const request = { definition: JSON.stringify(PASS), roleArn: ROLE };
    await expect(world.call('CreateStateMachine', { ...request, name: 'no spaces' })).rejects.toMatchObject({
      code: 'InvalidName',
    });
    const machine = await createMachine(world, PASS);
    await expect(
      world.call('StartExecution', { stateMachineArn: machine, name: 'a/b' }),
    ).rejects.toMatchObject({ code: 'InvalidName' });
    await expect(world.call('DescribeStateMachine', { stateMachineArn: 'nonsense' })).rejects.toMatchObject({
      code: 'InvalidArn',
    });
    await world.close();
  });
});

describe('versions', () => {
  test('keep their definition, and publishing the same revision gives the same one', async () => {
    const world = openWorld();
    const { machine, first, second } = await published(world);
    expect(second).toBe(`${machine}:2`);
    expect(
      (await world.call('PublishStateMachineVersion', { stateMachineArn: machine }))[
        'stateMachineVersionArn'
      ],
    ).toBe(second);
    expect((await ended(world, await startExecution(world, first))).output).toBe('one');
    expect(
      (await world.call('ListStateMachineVersions', { stateMachineArn: machine }))['stateMachineVersions'],
    ).toHaveLength(2);
    await world.close();
  });

  test('a description needs publish, and another revision is a conflict', async () => {
    const world = openWorld();
    const request = {
      name: 'described',
      definition: JSON.stringify(PASS),
      roleArn: ROLE,
      versionDescription: 'x',
    };
    await expect(world.call('CreateStateMachine', request)).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const { machine } = await published(world);
    await expect(
      world.call('PublishStateMachineVersion', { stateMachineArn: machine, revisionId: 'other' }),
    ).rejects.toMatchObject({
      code: 'ConflictException',
    });
    await world.close();
  });
});

describe('aliases', () => {
  test('send executions by weight', async () => {
    const world = openWorld();
    const { first, second } = await published(world);
    const route = (weights: [string, number][]) =>
      weights.map(([stateMachineVersionArn, weight]) => ({ stateMachineVersionArn, weight }));
    const { stateMachineAliasArn: alias } = await world.call('CreateStateMachineAlias', {
      name: 'live',
      routingConfiguration: route([
        [first, 51],
        [second, 49],
      ]),
    });
    expect((await ended(world, await startExecution(world, String(alias)))).output).toBe('one');
    await world.call('UpdateStateMachineAlias', {
      stateMachineAliasArn: alias,
      routingConfiguration: route([
        [first, 49],
        [second, 51],
      ]),
    });
    const execution = await ended(world, await startExecution(world, String(alias)));
    expect(execution).toMatchObject({
      output: 'two',
      stateMachineAliasArn: alias,
      stateMachineVersionArn: second,
    });
    await expect(
      world.call('DeleteStateMachineVersion', { stateMachineVersionArn: first }),
    ).rejects.toMatchObject({ code: 'ConflictException' });
    await world.call('DeleteStateMachineAlias', { stateMachineAliasArn: alias });
    await world.call('DeleteStateMachineVersion', { stateMachineVersionArn: first });
    await world.close();
  });

  test('are refused for the wrong sum, names of digits and a different second creation', async () => {
    const world = openWorld();
    const { first, second } = await published(world);
    const routing = (...weights: number[]) =>
      weights.map((weight, index) => ({ stateMachineVersionArn: index === 0 ? first : second, weight }));
    const create = (name: string, routingConfiguration: object, rest: object = {}) =>
      world.call('CreateStateMachineAlias', { name, routingConfiguration, ...rest });
    await expect(create('a', routing(70, 29))).rejects.toThrow(
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    );
    await expect(create('123', routing(100))).rejects.toMatchObject({ code: 'ValidationException' });
    const created = await create('a', routing(70, 30));
    expect(await create('a', routing(70, 30))).toEqual(created);
    await expect(create('a', routing(100))).rejects.toMatchObject({ code: 'ConflictException' });
    await world.close();
  });
});

describe('executions', () => {
  test('a name in use gives the running execution for the same input only', async () => {
    const world = openWorld();
    const release = world.clock.hold();
    const machine = await createMachine(world, single({ Type: 'Wait', Seconds: 10 }));
    const first = await startExecution(world, machine, { a: 1 }, 'n');
    expect(await startExecution(world, machine, { a: 1 }, 'n')).toBe(first);
    await expect(startExecution(world, machine, { a: 2 }, 'n')).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    release();
    await ended(world, first);
    await expect(startExecution(world, machine, { a: 1 }, 'n')).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    await world.close();
  });

  test('their history comes in pages, forwards and backwards', async () => {
    const world = openWorld();
    const execution = await ended(world, await startExecution(world, await createMachine(world, PASS)));
    const all = await historyOf(world, execution.executionArn);
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    const page = await world.call('GetExecutionHistory', {
      executionArn: execution.executionArn,
      maxResults: 3,
      reverseOrder: true,
    });
    const rest = await world.call('GetExecutionHistory', {
      executionArn: execution.executionArn,
      maxResults: 3,
      reverseOrder: true,
      nextToken: page['nextToken'],
    });
    const ids = [page, rest].flatMap((part) => part['events'] as { id: number }[]).map(({ id }) => id);
    expect(ids).toEqual([4, 3, 2, 1]);
    const bare = await world.call('GetExecutionHistory', {
      executionArn: execution.executionArn,
      includeExecutionData: false,
    });
    expect(JSON.stringify(bare)).not.toContain('"input":');
    await world.close();
  });

  test('are told of on the bus as the service tells them', async () => {
    const world = openWorld();
    const { executionArn } = await ended(
      world,
      await startExecution(world, await createMachine(world, PASS), { a: 1 }),
    );
    while (world.events.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const details = world.events.map(({ Detail }) => JSON.parse(Detail));
    expect(world.events.map(({ Source, Resources }) => [Source, Resources])).toEqual([
      ['aws.states', [executionArn]],
      ['aws.states', [executionArn]],
    ]);
    expect(details).toMatchObject([
      {
        status: 'RUNNING',
        input: '{"a":1}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
      },
      { status: 'SUCCEEDED', input: '{"a":1}', output: '{"a":1}', outputDetails: { included: true } },
    ]);
    await world.close();
  });

  test('are told of without their texts where these are too large for an event', async () => {
    const world = openWorld();
    const large = { text: 'x'.repeat(200_000) };
    await ended(world, await startExecution(world, await createMachine(world, PASS), large));
    while (world.events.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const [begun, end] = world.events.map(({ Detail }) => JSON.parse(Detail));
    expect(JSON.parse(begun.input)).toEqual(large);
    expect(end).toMatchObject({ input: null, inputDetails: { included: false }, output: null });
    expect(end.outputDetails).toEqual({ included: false });
    await world.close();
  });

  test('an express one answers its caller', async () => {
    const world = openWorld();
    const machine = await createMachine(world, PASS, { type: 'EXPRESS' });
    expect(
      await world.call('StartSyncExecution', { stateMachineArn: machine, input: '{"a":1}' }),
    ).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
    const standard = await createMachine(world, PASS);
    await expect(world.call('StartSyncExecution', { stateMachineArn: standard })).rejects.toMatchObject({
      code: 'StateMachineTypeNotSupported',
    });
    await world.close();
  });

  test.each([
    ['EXPRESS', 1],
    ['STANDARD', 0],
  ])('of the type %s make %d calls while the disk does not answer', async (type, calls) => {
    let isStuck = false;
    const stuck = (journal: Journal): Journal => ({
      db: journal.db,
      write: (statements) => journal.write(statements),
      flush: () => (isStuck ? new Promise(() => undefined) : journal.flush()),
      close: () => journal.close(),
    });
    const world = openWorld({ work: () => 1 }, { through: stuck });
    const Resource = 'arn:aws:lambda:us-east-1:123456789012:function:work';
    const machine = await createMachine(world, single({ Type: 'Task', Resource }), { type });
    isStuck = true;
    void startExecution(world, machine);
    for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(world.calls).toHaveLength(calls);
    isStuck = false;
    await world.close();
  });

  test('end as failed at the 25,000th event', async () => {
    const world = openWorld();
    const forever = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'C' }], Default: 'A' },
        C: { Type: 'Succeed' },
      },
    };
    const execution = await ended(world, await startExecution(world, await createMachine(world, forever)));
    expect(execution).toMatchObject({
      status: 'FAILED',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    const { events } = (await world.call('GetExecutionHistory', {
      executionArn: execution.executionArn,
      reverseOrder: true,
      maxResults: 1,
    })) as {
      events?: { id: number; type: string }[];
    };
    expect(events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
    await world.close();
  });

  test('go on from the state that they failed in when they are redriven', async () => {
    let broken = true;
    const world = openWorld({
      work: () => {
        if (broken) throw Object.assign(new Error('no'), { name: 'Broken' });
        return 'done';
      },
    });
    const call = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:work', End: true };
    const machine = await createMachine(world, {
      StartAt: 'First',
      States: { First: { Type: 'Pass', Next: 'Call' }, Call: call },
    });
    const { executionArn, status } = await ended(world, await startExecution(world, machine));
    expect(status).toBe('FAILED');
    broken = false;
    await world.call('RedriveExecution', { executionArn });
    expect(await ended(world, executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: 'done',
      redriveCount: 1,
    });
    const types = (await historyOf(world, executionArn)).map(({ type }) => type);
    expect(types.filter((type) => type === 'PassStateEntered')).toHaveLength(1);
    expect(types).toContain('ExecutionRedriven');
    await expect(world.call('RedriveExecution', { executionArn })).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
    });
    await world.close();
  });
});
