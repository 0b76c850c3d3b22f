import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import { openTestTable, type TestTable } from '../test/runs-table.ts';
import { runFilterOf } from './list-runs.ts';
import type { RunFilterTexts } from './run-filters.ts';
import type { NewRun } from './run-record.ts';
import { openRuns } from './sdk-runs.ts';

let opened: TestTable;
beforeAll(async () => {
  opened = await openTestTable();
});
afterAll(() => opened.close());

const T0 = '2026-03-01T08:00:00.000Z' as Timestamp;
const T1 = '2026-03-01T09:00:00.000Z' as Timestamp;
const id = (name: string) => name as ExecutionId;
const arn = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:v3:${name}`;

function newRun(name: string, more: Partial<NewRun> = {}): NewRun {
  return {
    execution_id: id(name),
    owner_id: 'acme' as OwnerId,
    workflow_id: 'triage' as WorkflowId,
    definition_id: 'd'.repeat(64) as DefinitionId,
    generation: 'v3',
    machine_arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:v3:1',
    started_at: T0,
    ...more,
  };
}

test('of 20 racing creators one creates and the others get its run', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) => opened.runs.createRun(newRun('race', { input_sha256: String(n) }))),
  );
  expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
  const run = await opened.runs.getRun(id('race'));
  for (const outcome of outcomes) if (!outcome.created) expect(outcome.run).toEqual(run);
});

test('a run comes back as it was created, and there is none where none was', async () => {
  await opened.runs.createRun(newRun('same', { idempotency_key: 'k' }));
  expect(await opened.runs.getRun(id('same'))).toEqual({
    ...newRun('same', { idempotency_key: 'k' }),
    execution_arns: [],
    status: 'RUNNING',
    reported: false,
  });
  expect(await opened.runs.getRun(id('other'))).toBeUndefined();
});

test('the end of the current execution counts once, that of an earlier one not at all', async () => {
  const { runs } = opened;
  const end = (name: string) => ({
    execution_arn: arn(name),
    status: 'FAILED' as const,
    ended_at: T1,
    error: 'Node.Failed',
    cause: 'é'.repeat(3_000),
  });
  await runs.createRun(newRun('ends', { execution_arns: [arn('ends')] }));
  expect(
    await Promise.all([runs.finishRun(id('ends'), end('ends')), runs.finishRun(id('ends'), end('ends'))]),
  ).toEqual(expect.arrayContaining([true, false]));
  expect(await runs.getRun(id('ends'))).toMatchObject({
    status: 'FAILED',
    ended_at: T1,
    error: 'Node.Failed',
  });
  expect(Buffer.byteLength((await runs.getRun(id('ends')))?.cause ?? '')).toBeLessThanOrEqual(2_048);

  expect(await runs.addExecution(id('ends'), arn('ends.r1'), T1)).toBe(true);
  expect(await runs.addExecution(id('ends'), arn('ends.r1'), T1)).toBe(false);
  const again = await runs.getRun(id('ends'));
  expect(again).toMatchObject({ status: 'RUNNING', execution_arns: [arn('ends'), arn('ends.r1')] });
  expect(again).not.toHaveProperty('error');
  expect(await runs.finishRun(id('ends'), end('ends'))).toBe(false);
  expect(
    await runs.finishRun(id('ends'), { execution_arn: arn('ends.r1'), status: 'SUCCEEDED', ended_at: T1 }),
  ).toBe(true);
});

test('the end of a run is claimed by one request, told by one invocation, and once', async () => {
  const { runs } = opened;
  const end = { execution_arn: arn('claimed'), status: 'SUCCEEDED' as const, ended_at: T1 };
  const claim = (holder: string, now = 1_000) =>
    runs.claimEnd(id('claimed'), end, { holder, now, ttl_ms: 500 });
  expect(await claim('a')).toEqual({ kind: 'unknown' });
  await runs.createRun(newRun('claimed', { execution_arns: [arn('claimed')] }));
  const run = { ...newRun('claimed'), execution_arns: [arn('claimed')], status: 'SUCCEEDED', ended_at: T1 };
  expect(await claim('a')).toEqual({ kind: 'claimed', run: { ...run, reported: false } });
  expect(await claim('b', 1_499)).toEqual({ kind: 'held', holder: 'a' });
  expect(await claim('a')).toMatchObject({ kind: 'claimed' });
  expect(await claim('b', 1_500)).toMatchObject({ kind: 'claimed' });
  await runs.markReported(id('claimed'), arn('claimed'));
  expect(await claim('a', 9_000)).toEqual({ kind: 'told', run: { ...run, reported: true } });
  expect(await runs.addExecution(id('claimed'), arn('claimed.r1'), T1)).toBe(true);
  expect(await claim('a', 9_000)).toMatchObject({ kind: 'past' });
  const other = { ...end, execution_arn: arn('elsewhere') };
  expect(await runs.claimEnd(id('claimed'), other, { holder: 'a', now: 9_000, ttl_ms: 1 })).toEqual({
    kind: 'unknown',
  });
});

test.each([
  ['FAILED', 'CANCELLED'],
  ['SUCCEEDED', 'SUCCEEDED'],
] as const)('a cancelled run that ends %s is claimed as %s', async (status, expected) => {
  const { runs } = opened;
  const name = `cancelled-${status}`;
  await runs.createRun(newRun(name, { execution_arns: [arn(name)] }));
  await runs.markCancelled(id(name), { by: 'ann', at: T0 });
  const end = { execution_arn: arn(name), status, ended_at: T1, error: 'Run.Cancelled' };
  expect(await runs.claimEnd(id(name), end, { holder: 'a', now: 0, ttl_ms: 1 })).toMatchObject({
    kind: 'claimed',
    run: { status: expected, error: 'Run.Cancelled' },
  });
});

test('an end is reported for the execution that ended, not for the one that runs again', async () => {
  const { runs } = opened;
  await runs.createRun(newRun('told', { execution_arns: [arn('told')] }));
  await runs.markReported(id('told'), arn('another'));
  expect(await runs.getRun(id('told'))).toMatchObject({ reported: false });
  await runs.markReported(id('told'), arn('told'));
  expect(await runs.getRun(id('told'))).toMatchObject({ reported: true });
  await runs.addExecution(id('told'), arn('told.r1'), T1);
  expect(await runs.getRun(id('told'))).toMatchObject({ reported: false });
});

test('a cancelled run ends as CANCELLED, keeps who cancelled it first, and one that has ended cannot be cancelled', async () => {
  const { runs } = opened;
  await runs.createRun(newRun('stopped', { execution_arns: [arn('stopped')] }));
  expect(await runs.isCancelled(id('stopped'))).toBe(false);
  expect(await runs.markCancelled(id('stopped'), { by: 'ann', at: T0 })).toBe(true);
  expect(await runs.markCancelled(id('stopped'), { by: 'bob', at: T1 })).toBe(true);
  expect(await runs.isCancelled(id('stopped'))).toBe(true);
  await runs.finishRun(id('stopped'), { execution_arn: arn('stopped'), status: 'ABORTED', ended_at: T1 });
  expect(await runs.getRun(id('stopped'))).toMatchObject({
    status: 'CANCELLED',
    cancelled_by: 'ann',
    cancelled_at: T0,
  });

  await runs.createRun(newRun('done', { execution_arns: [arn('done')] }));
  await runs.finishRun(id('done'), { execution_arn: arn('done'), status: 'SUCCEEDED', ended_at: T1 });
  expect(await runs.markCancelled(id('done'), { by: 'ann', at: T1 })).toBe(false);
  await expect(runs.markCancelled(id('nobody'), { by: 'ann', at: T1 })).rejects.toMatchObject({
    name: 'Run.NotFound',
  });
  expect(await runs.isCancelled(id('nobody'))).toBe(false);
});

test('an owner’s runs are listed newest first, page by page, and nobody else’s', async () => {
  const { runs } = opened;
  const owner_id = 'lister' as OwnerId;
  for (const hour of [10, 12, 11])
    await runs.createRun(
      newRun(`l${hour}`, { owner_id, started_at: `2026-03-01T${hour}:00:00.000Z` as Timestamp }),
    );
  await runs.createRun(newRun('foreign', { owner_id: 'somebody' as OwnerId }));
  const first = await runs.listRuns(owner_id, { limit: 2 });
  expect(first.runs.map((run) => run.execution_id)).toEqual(['l12', 'l11']);
  const second = await runs.listRuns(owner_id, { limit: 2, next: first.next });
  expect(second.runs.map((run) => run.execution_id)).toEqual(['l10']);
  expect(second.next).toBeUndefined();
});

test('a filter leaves out the others, over any number of pages', async () => {
  const { runs } = opened;
  const owner_id = 'filterer' as OwnerId;
  for (const minute of [10, 11, 12, 13, 14, 15])
    await runs.createRun(
      newRun(`f${minute}`, {
        owner_id,
        workflow_id: (minute % 2 === 0 ? 'even' : 'odd') as WorkflowId,
        execution_arns: [arn(`f${minute}`)],
        started_at: `2026-03-02T10:${minute}:00.000Z` as Timestamp,
      }),
    );
  await runs.finishRun(id('f12'), { execution_arn: arn('f12'), status: 'SUCCEEDED', ended_at: T1 });
  const listed = async (texts: RunFilterTexts, limit = 10) => {
    const names: string[] = [];
    let next: string | undefined;
    do {
      const page = await runs.listRuns(owner_id, { limit, next, filter: runFilterOf(texts) });
      expect(page.runs.length).toBeLessThanOrEqual(limit);
      names.push(...page.runs.map(({ execution_id }) => execution_id));
      next = page.next;
    } while (next !== undefined);
    return names;
  };
  for (const limit of [1, 2, 10]) {
    expect(await listed({ workflow_id: 'even' }, limit)).toEqual(['f14', 'f12', 'f10']);
    expect(await listed({ workflow_id: 'even', status: 'RUNNING' }, limit)).toEqual(['f14', 'f10']);
    expect(await listed({ since: '2026-03-02T10:13:00Z' }, limit)).toEqual(['f15', 'f14', 'f13']);
    expect(await listed({ until: '2026-03-02T10:12:00Z' }, limit)).toEqual(['f11', 'f10']);
  }
  expect(await listed({ since: '2026-03-03' })).toEqual([]);
  for (const texts of [
    { status: 'DONE' },
    { since: 'yesterday' },
    { until: '2026-99-99' },
    { workflow_id: '../x' },
  ])
    expect(() => runFilterOf(texts)).toThrow(expect.objectContaining({ name: 'Contract.EventRejected' }));
});

test('a `next` leads into the owner’s own list only, and one that no answer gave is refused', async () => {
  const { runs } = opened;
  const { next } = await runs.listRuns('lister' as OwnerId, { limit: 1 });
  expect(
    (await runs.listRuns('somebody' as OwnerId, { limit: 10, next })).runs.map((run) => run.owner_id),
  ).not.toContain('lister');
  for (const bad of ['', 'x', Buffer.from('run#x').toString('base64url')]) {
    await expect(runs.listRuns('lister' as OwnerId, { limit: 1, next: bad })).rejects.toMatchObject({
      name: 'Contract.EventRejected',
    });
  }
});

test('a table that is not to be reached is Store.Unavailable, a rejected request stays what it is', async () => {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const closed = new DynamoDBClient({ ...opened.config, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
  await expect(openRuns({ client: closed, table: opened.table }).getRun(id('x'))).rejects.toMatchObject({
    name: 'Store.Unavailable',
  });
  await expect(openRuns({ client: opened.client, table: 'missing' }).getRun(id('x'))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  closed.destroy();
});
