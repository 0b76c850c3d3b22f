import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createMachine,
  ended,
  failing,
  type Handler,
  historyOf,
  openWorld,
  single,
  startExecution,
  type World,
} from './world.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const CALL = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:work' };

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'statebag-restart-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/**
 * The same data directory in another life of the process, which begins `after` milliseconds after the first.
 */
const life = (functions: Readonly<Record<string, Handler>> = {}, after = 0): World =>
  openWorld(functions, { dataDir, start: START + after });

const never = () => new Promise<never>(() => undefined);

async function called(world: World, times: number): Promise<void> {
  while (world.calls.length < times) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the state has begun: what is due counts from then, in whichever life that is. */
const entered = (world: World, executionArn: string) =>
  recorded(world, executionArn, (types) => types.length > 1);

async function recorded(
  world: World,
  executionArn: string,
  isThere: (types: readonly string[]) => boolean,
): Promise<void> {
  for (;;) {
    const { events } = await world.call('GetExecutionHistory', { executionArn });
    if (isThere((events as { type: string }[]).map(({ type }) => type))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a history that an earlier version has written, a row for each event, is read as before', async () => {
  const first = life();
  const arn = await startExecution(first, await createMachine(first, single({ Type: 'Pass' })), { a: 'x' });
  await ended(first, arn);
  const history = await historyOf(first, arn);
  await first.close();
  const db = new DatabaseSync(join(dataDir, 'journal.sqlite'));
  db.exec(`
    CREATE TABLE states_events (execution INTEGER, id INTEGER, previous INTEGER, at REAL, type TEXT, facts TEXT, payload TEXT);
    INSERT INTO states_events SELECT execution, first + key, value ->> 0, value ->> 1, value ->> 2, value -> 3, value ->> 4
      FROM states_histories, json_each(events);
    UPDATE states_events SET facts = NULL WHERE facts = 'null';
    DELETE FROM states_histories`);
  db.close();
  const second = life();
  expect(await historyOf(second, arn)).toEqual(history);
  expect(history.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  await second.close();
});

describe('while the process ends', () => {
  test('a start is refused, not acknowledged and lost', async () => {
    const first = life();
    const machine = await createMachine(first, single({ Type: 'Pass' }));
    await first.engine.close(); // its door is still open for a moment
    const late = first.call('StartExecution', { stateMachineArn: machine, name: 'late' });
    await expect(late).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
    first.journal.close();
    const second = life();
    expect(await second.call('ListExecutions', { stateMachineArn: machine })).toEqual({ executions: [] });
    await second.close();
  });
});

describe('after a restart', () => {
  test('a wait ends when it would have ended', async () => {
    const first = life();
    first.clock.hold();
    const execution = await startExecution(
      first,
      await createMachine(first, single({ Type: 'Wait', Seconds: 3600 })),
    );
    await entered(first, execution);
    await first.close();
    const second = life({}, HOUR / 2);
    const { stopDate } = (await ended(second, execution)) as { stopDate?: number };
    expect(stopDate).toBe((START + HOUR) / 1000);
    await second.close();
  });

  test('variables are what they were', async () => {
    const first = life();
    first.clock.hold();
    const definition = {
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { kept: 7 }, Next: 'Wait' },
        Wait: { Type: 'Wait', Seconds: 3600, Next: 'Get' },
        Get: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $kept %}', End: true },
      },
    };
    const execution = await startExecution(first, await createMachine(first, definition));
    await entered(first, execution);
    await first.close();
    const second = life();
    expect((await ended(second, execution)).output).toBe(7);
    await second.close();
  });

  test('a retry waits for its due time, and its attempts stay used', async () => {
    const broken = () => {
      throw failing('Broken');
    };
    const retrying = single({
      ...CALL,
      Retry: [{ ErrorEquals: ['Broken'], IntervalSeconds: 3600, MaxAttempts: 1 }],
    });
    const first = life({ work: broken });
    first.clock.hold();
    const execution = await startExecution(first, await createMachine(first, retrying));
    await called(first, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.close();
    const second = life({ work: broken }, 1000);
    const failed = (await ended(second, execution)) as { stopDate?: number; error?: string };
    expect(failed).toMatchObject({ error: 'Broken', stopDate: (START + HOUR) / 1000 });
    expect(second.calls).toHaveLength(1);
    await second.close();
  });

  test('a call that was under way is made again, and what was done before is not', async () => {
    const first = life({ work: (event: { step: number }) => (event.step === 1 ? { step: 2 } : never()) });
    const steps = { StartAt: 'One', States: { One: { ...CALL, Next: 'Two' }, Two: { ...CALL, End: true } } };
    const execution = await startExecution(first, await createMachine(first, steps), { step: 1 });
    await called(first, 2);
    await first.close();
    const second = life({ work: () => 'done' });
    expect((await ended(second, execution)).output).toBe('done');
    expect(second.calls.map(({ event }) => event)).toEqual([{ step: 2 }]);
    await second.close();
  });

  test('a token stays valid', async () => {
    const ask = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
    };
    const first = life({ ask: () => null });
    const execution = await startExecution(
      first,
      await createMachine(first, single({ ...ask, HeartbeatSeconds: 7200 })),
    );
    first.clock.hold();
    await recorded(first, execution, (types) => types.includes('TaskSubmitted'));
    await first.close();
    const second = life({}, HOUR);
    const release = second.clock.hold();
    const [asked] = first.calls.map(({ event }) => event as { token: string });
    await second.call('SendTaskSuccess', { taskToken: asked?.token, output: '"yes"' });
    release();
    expect((await ended(second, execution)).output).toBe('yes');
    await second.close();
  });

  test('an activity that no worker has taken is offered again', async () => {
    const first = life();
    const { activityArn } = await first.call('CreateActivity', { name: 'work' });
    first.clock.hold();
    const execution = await startExecution(
      first,
      await createMachine(first, single({ Type: 'Task', Resource: String(activityArn) })),
    );
    await recorded(first, execution, (types) => types.includes('ActivityScheduled'));
    await first.close();
    const second = life();
    const { taskToken } = await second.call('GetActivityTask', { activityArn });
    await second.call('SendTaskSuccess', { taskToken, output: '1' });
    expect((await ended(second, execution)).output).toBe(1);
    await second.close();
  });

  test('a parent learns of a child that goes on', async () => {
    const first = life();
    first.clock.hold();
    const machine = await createMachine(first, single({ Type: 'Wait', Seconds: 10 }));
    const child = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: machine },
    };
    const parent = await startExecution(
      first,
      await createMachine(first, single({ ...child, OutputPath: '$.Status' })),
    );
    while (
      (
        (await first.call('ListExecutions', { stateMachineArn: machine }))['executions'] as
          | unknown[]
          | undefined
      )?.length !== 1
    )
      await new Promise((resolve) => setImmediate(resolve));
    await first.close();
    const second = life();
    expect((await ended(second, parent)).output).toBe('SUCCEEDED');
    await second.close();
  });

  test('a map run starts only the children that it had not started', async () => {
    const map = {
      Type: 'Map',
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'One',
        States: { One: { ...CALL, End: true } },
      },
    };
    const first = life({ work: (event: number) => (event < 3 ? event : never()) });
    const execution = await startExecution(first, await createMachine(first, single(map)), [1, 2, 3, 4, 5]);
    await called(first, 4);
    await first.close();
    const second = life({ work: (event) => event });
    expect((await ended(second, execution)).output).toEqual([1, 2, 3, 4, 5]);
    expect(second.calls.map(({ event }) => event).toSorted()).toEqual([3, 4, 5]);
    await second.close();
  });
});
