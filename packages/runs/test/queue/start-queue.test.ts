import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { executionId, ownerId } from '@statebag/contracts/ids';
import { StartingWorld } from './starting-world.ts';

let world: StartingWorld;
beforeEach(async () => {
  world = await StartingWorld.open();
});
afterEach(() => world.close());

/** What AWS throws where more is asked than an account may. */
function throttling(): Error {
  return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
}

/** Throttles so many starts of executions. */
function throttle(times: number): void {
  let left = times;
  world.onCall = (command) => {
    if (command === 'StartExecutionCommand' && left-- > 0) throw throttling();
  };
}

const queuedAt = async (id: string) => (await world.run(id)).queued_at;

test('a start takes one write and one execution where nothing waits and nothing is limited', async () => {
  const calls: string[] = [];
  world.onCall = (command) => void calls.push(command);
  await world.start('ada', 'r1');
  expect(calls).toEqual(['PutItemCommand', 'StartExecutionCommand']);
});

test('a start that is throttled waits, is told as RUNNING, and begins once it may', async () => {
  throttle(1);
  const { created, run } = await world.start('ada', 'r1', { input: { x: 'y'.repeat(3_000) } });
  expect({ created, run }).toMatchObject({
    created: true,
    run: { status: 'RUNNING', queued_at: expect.any(String) },
  });
  expect([world.woken.length, await world.waiting('ada')]).toEqual([1, 1]);
  expect(await world.dispatch()).toMatchObject({ begun: 1 });
  expect([await queuedAt('r1'), await world.waiting('ada')]).toEqual([undefined, 0]);
  const { input = '' } = await world.sfn.send(
    new DescribeExecutionCommand({ executionArn: run.execution_arns[0] }),
  );
  expect(JSON.parse(input)).toMatchObject({
    execution_id: 'r1',
    input_s3_path: expect.stringContaining('r1/'),
  });
});

test('a start whose answer is lost waits, and is one execution in the end', async () => {
  world.onAnswer = (command) => {
    if (command !== 'StartExecutionCommand') return;
    world.onAnswer = () => undefined;
    throw new Error('socket hang up');
  };
  const { run } = await world.start('ada', 'r1');
  expect(run.queued_at).toBeDefined();
  expect(await world.dispatch()).toMatchObject({ begun: 1 });
  expect(new Set(world.begun)).toEqual(new Set(['r1']));
  expect(await world.waiting('ada')).toBe(0);
});

test('after a throttled start the others of the process wait behind it, until the queue is drained', async () => {
  throttle(1);
  for (const id of ['r1', 'r2', 'r3']) await world.start('ada', id);
  expect(world.asked).toEqual([]);
  expect(world.woken).toHaveLength(1);
  await world.clock.pause(2_001);
  await world.dispatch();
  expect(world.asked).toEqual(['r1', 'r2', 'r3']);
  await world.start('ada', 'r4');
  expect(await queuedAt('r4')).toBeUndefined();
});

test('a start of the same key while the first one waits is the same run, and begins nothing', async () => {
  throttle(1);
  await world.start('ada', 'r1', { key: 'k' });
  const again = await world.start('ada', 'r1', { key: 'k' });
  expect(again).toMatchObject({ created: false, run: { execution_id: 'r1', queued_at: expect.any(String) } });
  expect(await world.waiting('ada')).toBe(1);
  await world.dispatch();
  expect(world.asked).toEqual(['r1']);
});

test('an owner’s limit is held, and its next run begins when one ends', async () => {
  world.settings = { open_runs: 2 };
  for (const id of ['r1', 'r2', 'r3', 'r4']) await world.start('ada', id);
  await world.start('bob', 'b1');
  expect(world.asked).toEqual(['r1', 'r2', 'b1']);
  expect(await world.dispatch()).toMatchObject({ begun: 0 });
  await world.end('ada', 'r1');
  expect(await world.dispatch()).toMatchObject({ begun: 1 });
  expect(world.asked).toEqual(['r1', 'r2', 'b1', 'r3']);
  expect(await world.run('r3')).toMatchObject({ counted: true });
});

test('runs begin in turns of their owners, and an owner of higher priority sooner', async () => {
  world.settings = { owners: { [ownerId('vip')]: { priority: 1 } } };
  throttle(1);
  for (const id of ['a1', 'a2', 'a3']) await world.start('ada', id);
  for (const id of ['b1', 'b2']) await world.start('bob', id);
  for (const id of ['v1', 'v2']) await world.start('vip', id);
  await world.dispatch();
  expect(world.asked).toEqual(['v1', 'v2', 'a1', 'b1', 'a2', 'b2', 'a3']);
});

test('more than may wait are refused, and leave nothing that looks as if it ran', async () => {
  world.settings = { waiting: 1 };
  throttle(1);
  await world.start('ada', 'r1');
  await expect(world.start('ada', 'r2')).rejects.toThrow('1 runs of this owner wait to begin; no more may');
  await expect(world.run('r2')).rejects.toThrow('there is no run');
  world.queue = world.starter();
  throttle(1);
  await expect(world.start('ada', 'r3')).rejects.toMatchObject({ name: 'Run.TooManyWaiting' });
  expect(await world.run('r3')).toMatchObject({ status: 'FAILED', error: 'Run.TooManyWaiting' });
});

test('a run that is cancelled while it waits never begins', async () => {
  throttle(1);
  const { run } = await world.start('ada', 'r1');
  await world.runs.markCancelled(executionId('r1'), { by: 'ada', at: run.started_at });
  expect(await world.dispatch()).toMatchObject({ begun: 0, gone: 1 });
  expect(await world.run('r1')).toMatchObject({ status: 'CANCELLED' });
  expect([world.asked, await world.waiting('ada')]).toEqual([[], 0]);
});

test('a run that is cancelled while it begins is stopped', async () => {
  throttle(1);
  const { run } = await world.start('ada', 'r1');
  world.onCall = async (command) => {
    if (command !== 'StartExecutionCommand') return;
    world.onCall = () => undefined;
    await world.runs.markCancelled(executionId('r1'), { by: 'ada', at: run.started_at });
    await world.runs.waiting.endInLine(executionId('r1'), run.started_at);
  };
  await world.dispatch();
  const { status } = await world.sfn.send(
    new DescribeExecutionCommand({ executionArn: run.execution_arns[0] }),
  );
  expect([status, (await world.run('r1')).status]).toEqual(['ABORTED', 'CANCELLED']);
});

test('a run whose machine is gone has failed, is told of, and holds nobody up', async () => {
  throttle(1);
  for (const id of ['r1', 'r2']) await world.start('ada', id);
  let refused = false;
  world.onCall = (command) => {
    if (command !== 'StartExecutionCommand' || refused) return;
    refused = true;
    throw Object.assign(new Error('it is gone'), { name: 'StateMachineDoesNotExist' });
  };
  expect(await world.dispatch()).toMatchObject({ begun: 1, refused: 1 });
  expect(await world.run('r1')).toMatchObject({
    status: 'FAILED',
    error: 'StateMachineDoesNotExist',
    reported: true,
  });
  expect(world.told).toMatchObject([{ event_type: 'FAILED', execution_id: 'r1' }]);
});

test('a place that a broken start left is given back by the minute’s look, and an open one is not', async () => {
  world.settings = { open_runs: 2 };
  await world.start('ada', 'open');
  await world.runs.starts.takeAhead(ownerId('ada'), executionId('lost'), {
    now: world.clock.now(),
    limit: 2,
  });
  await world.start('ada', 'r1');
  expect(await world.dispatch({ thorough: true })).toMatchObject({ begun: 0 });
  await world.clock.pause(121_000);
  expect(await world.dispatch({ thorough: true })).toMatchObject({ begun: 1 });
  expect(world.asked).toEqual(['open', 'r1']);
  await world.start('ada', 'r2');
  expect(await world.dispatch({ thorough: true })).toMatchObject({ begun: 0 });
});

test('one dispatcher works at a time', async () => {
  throttle(1);
  for (const id of ['r1', 'r2', 'r3']) await world.start('ada', id);
  const [first, second] = await Promise.all([world.dispatch(), world.dispatch()]);
  expect([first.begun, second.begun].sort()).toEqual([0, 3]);
});
