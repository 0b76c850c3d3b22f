import { describe, expect, test } from '@jest/globals';
import {
  createMachine,
  ended,
  failing,
  historyOf,
  openWorld,
  single,
  startExecution,
  type World,
} from './world.ts';

const CALL = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:work', End: true };
const processor = (mode: object) => ({ ItemProcessor: { ...mode, StartAt: 'One', States: { One: CALL } } });
const INLINE = single({ Type: 'Map', MaxConcurrency: 2, ...processor({}) });
const DISTRIBUTED = single({
  Type: 'Map',
  MaxConcurrency: 2,
  ...processor({ ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }),
});
const PARALLEL = single({
  Type: 'Parallel',
  Branches: [
    { StartAt: 'Quick', States: { Quick: { ...CALL, Parameters: 1 } } },
    { StartAt: 'Bad', States: { Bad: { ...CALL, Parameters: 3 } } },
  ],
});

/** A world whose function fails for 3 until it is mended. */
function openBreakable(): World & { mend(): void } {
  let broken = true;
  const world = openWorld({
    work: async (event: number, { clock }) => {
      if (event !== 3) return event;
      await new Promise<void>((resolve) => void clock.at(clock.now() + 1000, resolve));
      if (broken) throw failing('Broken');
      return event;
    },
  });
  return Object.assign(world, {
    mend: () => {
      broken = false;
    },
  });
}

async function failThenRedrive(definition: object, input: unknown) {
  const world = openBreakable();
  const failed = await ended(
    world,
    await startExecution(world, await createMachine(world, definition), input),
  );
  const before = world.calls.splice(0);
  world.mend();
  await world.call('RedriveExecution', { executionArn: failed.executionArn });
  const redriven = await ended(world, failed.executionArn);
  const types = (await historyOf(world, failed.executionArn)).map(({ type }) => type);
  await world.close();
  return {
    failed,
    redriven,
    types,
    before: before.map(({ event }) => event),
    after: world.calls.map(({ event }) => event),
  };
}

describe('a redriven execution', () => {
  test('runs only the branches that had not ended', async () => {
    const { failed, redriven, before, after } = await failThenRedrive(PARALLEL, {});
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(before).toEqual([1, 3]);
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: [1, 3] });
    expect(after).toEqual([3]);
  });

  test('runs only the iterations that had not ended, and those that had not begun', async () => {
    const { failed, redriven, before, after } = await failThenRedrive(INLINE, [1, 2, 3, 4, 5, 6]);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3, 4, 5, 6] });
    expect([...before, ...after].filter((event) => event !== 3).toSorted()).toEqual([1, 2, 4, 5, 6]);
  });

  test('goes on with the children of a map run that had not succeeded', async () => {
    const { failed, redriven, before, after, types } = await failThenRedrive(DISTRIBUTED, [1, 2, 3, 4, 5, 6]);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(redriven).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3, 4, 5, 6] });
    expect([...before, ...after].filter((event) => event !== 3).toSorted()).toEqual([1, 2, 4, 5, 6]);
    expect(types.filter((type) => type.startsWith('MapRun'))).toEqual([
      'MapRunStarted',
      'MapRunFailed',
      'MapRunRedriven',
      'MapRunSucceeded',
    ]);
  });
});

test('a branch that has not begun when another fails never does', async () => {
  const world = openWorld();
  const branches = [
    { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'No' } } },
    { StartAt: 'Later', States: { Later: { Type: 'Pass', End: true } } },
  ];
  const execution = await startExecution(
    world,
    await createMachine(world, single({ Type: 'Parallel', Branches: branches })),
  );
  expect(await ended(world, execution)).toMatchObject({ status: 'FAILED', error: 'No' });
  expect((await historyOf(world, execution)).map(({ type }) => type)).toEqual([
    ...[
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'FailStateEntered',
      'ParallelStateFailed',
      'ExecutionFailed',
    ],
  ]);
  await world.close();
});
