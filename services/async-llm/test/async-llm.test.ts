import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { isFieldPointer } from '@statebag/contracts/pointers';
import { anEvent } from './an-event.ts';
import { DAY_LIMIT, DeployedWorker, eventually } from './deployed-worker.ts';

const worker = new DeployedWorker();
beforeAll(async () => {
  await worker.open();
}, 60_000);
afterAll(() => worker.close());

const asked = () => worker.model.asked;
const logs = (name: string, execution_id: ExecutionId) =>
  eventually(() =>
    worker.logged(name, execution_id).length > 0 ? worker.logged(name, execution_id) : undefined,
  );

describe('a call', () => {
  test('is answered with its field, its pause and what it took, and tells the bus of its beginning', async () => {
    const event = anEvent();
    const arn = await worker.start(event as Json);
    await worker.model.answer('A long thought.');
    const { status, answer } = await worker.end(arn);
    expect([status, answer]).toEqual([
      'SUCCEEDED',
      {
        result_id: {
          execution_id: event.execution_id,
          branch_path: '',
          loop_counter: 0,
          segment_id: 's01-ask',
        },
        field: 'answer',
        status: 'CONTINUE',
        value: 'A long thought.',
        usage: { llm_calls: 1, input_tokens: 12, output_tokens: 3, cost_nano_usd: 0 },
      },
    ]);
    const told = worker.parts.cloud.events
      .list({ source: 'statebag.orchestrator' })
      .map(({ event: { detail } }) => detail);
    expect(told).toContainEqual(
      expect.objectContaining({
        event_type: 'ASYNC_LLM_PROCESSING',
        execution_id: event.execution_id,
        node_id: 'ask',
      }),
    );
    expect(JSON.stringify(told)).not.toMatch(/Think long|A long thought/);
  });

  test('with a large answer gives a pointer to it', async () => {
    const arn = await worker.start(anEvent() as Json);
    await worker.model.answer('x'.repeat(100_000));
    const { answer } = await worker.end(arn);
    expect(isFieldPointer(answer['pointer'])).toBe(true);
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  });

  test('that was recorded before is not made again', async () => {
    const event = anEvent();
    const first = await worker.start(event as Json);
    await worker.model.answer('Once.');
    await worker.end(first);
    const before = asked();
    const { answer } = await worker.end(await worker.start(event as Json));
    expect([answer['value'], asked() - before]).toEqual(['Once.', 0]);
  });

  test('made by two workers is one call with one answer for both', async () => {
    const event = anEvent();
    const before = asked();
    const arns = await Promise.all([worker.start(event as Json), worker.start(event as Json)]);
    await eventually(() =>
      worker.parts.cloud.events
        .list({ source: 'statebag.orchestrator' })
        .filter(({ event: { detail } }) => (detail as JsonObject)['execution_id'] === event.execution_id)
        .length === 2
        ? true
        : undefined,
    );
    await worker.model.answer('For both.');
    const ends = await Promise.all(arns.map((arn) => worker.end(arn)));
    expect(ends.map(({ answer }) => answer['value'])).toEqual(['For both.', 'For both.']);
    expect(asked() - before).toBe(1);
  });

  test('whose event comes twice is one call, and the second answer finds nobody waiting', async () => {
    const arn = await worker.start(anEvent() as Json);
    const event = await worker.sent(arn);
    const before = asked();
    await eventually(() => (worker.model.waiting.length > 0 ? true : undefined));
    const duplicate = worker.invoke(event);
    await worker.model.answer('Only once.');
    expect((await worker.end(arn)).answer['value']).toBe('Only once.');
    expect((await duplicate)['outcome']).toMatch(/answered|stopped/);
    expect(await worker.invoke(event)).toEqual({ outcome: 'stopped', delivery: null });
    expect(asked() - before).toBeLessThanOrEqual(1);
    expect((await logs('task_token_gone', event.execution_id)).length).toBeGreaterThan(0);
  });
});

describe('a worker whose lease went to another one', () => {
  test('hangs up, answers nothing and says so, and the other one answers', async () => {
    const event = anEvent();
    const arn = await worker.start(event as Json);
    await eventually(() => (worker.model.waiting.length > 0 ? true : undefined));
    const dropped = worker.model.dropped;
    // As if this worker had been frozen for longer than its lease.
    const claim = { holder: 'another', now: Date.now() + 600_000, ttl_ms: 60_000 };
    expect(await worker.parts.runs.acquireLease(event.execution_id, event.request.ledger_key, claim)).toEqual(
      { held: true },
    );
    await logs('lease_lost', event.execution_id);
    await eventually(() => (worker.model.dropped > dropped ? true : undefined));
    worker.model.waiting.length = 0;
    await worker.parts.runs.releaseLease(event.execution_id, event.request.ledger_key, { holder: 'another' });
    const successor = worker.invoke(await worker.sent(arn));
    await worker.model.answer('From the successor.');
    expect(await successor).toEqual({ outcome: 'answered', delivery: 'delivered' });
    expect((await worker.end(arn)).answer['value']).toBe('From the successor.');
  });
});

describe('a failure', () => {
  const failures: readonly [number, string][] = [
    [400, 'Llm.RequestRejected'],
    [401, 'Llm.Unconfigured'],
    [503, 'Llm.Unavailable'],
  ];
  for (const [status, code] of failures) {
    test(`of the model with ${status} ends the task as ${code}`, async () => {
      const arn = await worker.start(anEvent() as Json);
      await worker.model.answer('no', status);
      expect(await worker.end(arn)).toMatchObject({
        status: 'FAILED',
        error: code,
        cause: expect.stringMatching(/^node ask: /),
      });
    });
  }

  test('after the longest wait ends the task as Llm.Unavailable', async () => {
    const arn = await worker.start(anEvent({ timeout_ms: 50 }) as Json);
    expect(await worker.end(arn)).toMatchObject({
      status: 'FAILED',
      error: 'Llm.Unavailable',
      cause: 'node ask: m did not answer within 50 ms',
    });
    worker.model.waiting.length = 0;
  });

  test('of the worker itself reaches the task through the failure destination', async () => {
    const arn = await worker.start({ ...anEvent(), surplus: true } as Json);
    expect(await worker.end(arn)).toMatchObject({
      status: 'FAILED',
      error: 'Contract.EventRejected',
      cause: expect.stringMatching(/surplus/),
    });
  });

  test('to read the question reaches the task through the failure destination', async () => {
    const event = anEvent();
    const arn = await worker.start({
      ...event,
      request: { ...event.request, call: { schema_version: 1 } },
    } as Json);
    expect(await worker.end(arn)).toMatchObject({ status: 'FAILED', error: 'Contract.EventRejected' });
  });
});

test('a run that was cancelled asks nothing', async () => {
  const event = anEvent();
  const { execution_id, owner_id, workflow_id, definition_id, now } = event;
  await worker.parts.runs.createRun({
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    generation: 'v3',
    machine_arn: 'arn:m',
    started_at: now,
  });
  await worker.parts.runs.markCancelled(execution_id, { by: 'test', at: now });
  const before = asked();
  expect(await worker.end(await worker.start(event as Json))).toMatchObject({
    status: 'FAILED',
    error: 'Run.Cancelled',
  });
  expect(asked() - before).toBe(0);
});

test('a call of an owner whose day is spent is not made', async () => {
  const owner_id = 'spender' as OwnerId; // a good id by sight
  const all = { nano_usd: 0, tokens: DAY_LIMIT.max_tokens };
  for (const hours of [0, 24]) {
    const day = new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 10);
    await worker.parts.runs.book.correct({ owner_id, account: `day#${day}` }, all);
  }
  const before = asked();
  const ended = await worker.end(await worker.start({ ...anEvent(), owner_id } as Json));
  expect(ended).toMatchObject({ status: 'FAILED', error: 'Run.CostExceeded' });
  expect(ended.cause).toMatch(/the day \d{4}-\d\d-\d\d of the owner: 10000000 tokens are used/);
  expect(asked() - before).toBe(0);
});

test('a task that was ended meanwhile is logged, and its answer is kept for another try', async () => {
  const event = anEvent();
  const executionArn = await worker.start(event as Json);
  await eventually(() => (worker.model.waiting.length > 0 ? true : undefined));
  await worker.parts.sfn.send(new StopExecutionCommand({ executionArn }));
  await logs('task_token_gone', event.execution_id);
  await worker.model.answer('Too late.');
  await eventually(() =>
    worker.logged('task_token_gone', event.execution_id).some(({ at }) => at === 'answer') ? true : undefined,
  );
  const before = asked();
  expect((await worker.end(await worker.start(event as Json))).answer['value']).toBe('Too late.');
  expect(asked() - before).toBe(0);
});
