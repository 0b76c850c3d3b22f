import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ExecutionId, NodeId } from '@statebag/contracts/ids';
import { after, aQuestion } from '../../test/an-approval.ts';
import { openTestTable, type TestTable } from '../../test/runs-table.ts';
import { planDecision } from './plan-decision.ts';
import { postponed } from './transitions.ts';

let opened: TestTable;
beforeAll(async () => {
  opened = await openTestTable();
});
afterAll(() => opened.close());

const run = (name: string) => name as ExecutionId;
const decision = (approval: Parameters<typeof planDecision>[0], choice: string) =>
  planDecision(approval, { choice, data: 1e-200 }, { by: 'ann', now: after(60), bucket: 'b' }).decision;

test('of 20 racing decisions one is recorded, bit for bit', async () => {
  const approval = await opened.runs.openApproval(aQuestion({ execution_id: run('race') }));
  const decisions = Array.from({ length: 20 }, (_, n) => decision(approval, `choice-${n}`));
  const kept = (
    await Promise.all(decisions.map((each) => opened.runs.recordDecision(approval, each)))
  ).filter((each) => each !== undefined);
  expect(kept).toHaveLength(1);
  expect(await opened.runs.heldApprovals(run('race'))).toEqual(kept);
});

test('a question asked by many at once is one question, with the token that came last', async () => {
  const tokens = Array.from({ length: 8 }, (_, n) => `token-${n}`);
  await Promise.all(
    tokens.map((task_token) =>
      opened.runs.openApproval(aQuestion({ execution_id: run('many'), task_token })),
    ),
  );
  const found = await opened.runs.heldApprovals(run('many'));
  expect(found).toMatchObject([{ state: 'OPEN', revision: 8 }]);
  expect(tokens).toContain(found[0]?.task_token);
});

test('shows what was asked in order, and never a token', async () => {
  for (const loop_counter of [20, 3])
    await opened.runs.openApproval(aQuestion({ execution_id: run('listed'), loop_counter }));
  const listed = await opened.runs.listApprovals(run('listed'));
  expect(listed.map(({ approval_id }) => approval_id)).toEqual(['#0000000003#ask', '#0000000020#ask']);
  expect(JSON.stringify(listed)).not.toContain('token-1');
});

test('closing ends what is open or not delivered, and leaves what was delivered', async () => {
  const { runs } = opened;
  const ask = (node_id: string) =>
    runs.openApproval(aQuestion({ execution_id: run('closing'), request: { node_id: node_id as NodeId } }));
  const [, recorded, sent] = [await ask('open'), await ask('recorded'), await ask('sent')];
  await runs.recordDecision(recorded, decision(recorded, 'approve'));
  const kept = await runs.recordDecision(sent, decision(sent, 'approve'));
  if (kept) await runs.markDelivered(kept, after(70));
  await runs.closeApprovals(run('closing'), { reason: 'it was stopped', at: after(80) });
  expect(
    (await runs.listApprovals(run('closing'))).map(({ request, state, decision: made }) => [
      request.node_id,
      state,
      made?.choice,
    ]),
  ).toEqual([
    ['open', 'CLOSED', undefined],
    ['recorded', 'CLOSED', 'approve'],
    ['sent', 'DELIVERED', 'approve'],
  ]);
});

test('closing late leaves alone what a run that went on has asked again', async () => {
  const { runs } = opened;
  const question = (seconds: number) =>
    aQuestion({ execution_id: run('went-on'), task_token: `token-${seconds}`, now: after(seconds) });
  await runs.openApproval(question(0));
  await runs.openApproval(question(90));
  await runs.closeApprovals(run('went-on'), { reason: 'it was stopped', at: after(80) });
  expect(await runs.heldApprovals(run('went-on'))).toMatchObject([{ state: 'OPEN', task_token: 'token-90' }]);
  await runs.closeApprovals(run('went-on'), { reason: 'it was stopped again', at: after(100) });
  expect(await runs.heldApprovals(run('went-on'))).toMatchObject([
    { state: 'CLOSED', closed_reason: 'it was stopped again' },
  ]);
});

test('due are those whose time has come, page by page, and none that is settled', async () => {
  const { runs } = opened;
  const due = async (now: ReturnType<typeof after>) => {
    const found: string[] = [];
    let page = await runs.dueApprovals({ now, limit: 2 });
    for (;;) {
      found.push(
        ...page.approvals
          .filter(({ execution_id }) => execution_id.startsWith('due'))
          .map(({ execution_id }) => execution_id),
      );
      if (!page.next) return found.sort();
      page = await runs.dueApprovals({ now, limit: 2, after: page.next });
    }
  };
  for (let n = 0; n < 5; n += 1) await runs.openApproval(aQuestion({ execution_id: run(`due-${n}`) }));
  expect(await due(after(599))).toEqual([]);
  expect(await due(after(600))).toEqual(['due-0', 'due-1', 'due-2', 'due-3', 'due-4']);
  const [first] = await runs.heldApprovals(run('due-0'));
  if (first) await runs.keepApproval(postponed(first, after(600)));
  await runs.closeApprovals(run('due-1'), { reason: 'ended', at: after(600) });
  expect(await due(after(600))).toEqual(['due-2', 'due-3', 'due-4']);
});

test('one page has as many of each partition, also of those that were opened before there were shards', async () => {
  const { runs, client, table: TableName } = opened;
  const now = after(600);
  const old = aQuestion({ execution_id: run('older') });
  await runs.openApproval(old);
  const [{ approval_id } = { approval_id: '' }] = await runs.heldApprovals(run('older'));
  await client.send(
    new UpdateItemCommand({
      TableName,
      Key: marshall({ pk: 'run#older', sk: `approval#${approval_id}` }),
      UpdateExpression: 'SET gsi2pk = :open',
      ExpressionAttributeValues: marshall({ ':open': 'approvals#open' }),
    }),
  );
  const page = await runs.dueApprovals({ now, limit: 1 });
  expect(page.approvals.map(({ execution_id }) => execution_id)).toContain('older');
  const [held] = await runs.heldApprovals(run('older'));
  if (held) await runs.keepApproval(held);
  const all = await runs.dueApprovals({ now, limit: 100 });
  expect(all.approvals.map(({ execution_id }) => execution_id)).toContain('older');
  expect(all.next).toBeUndefined();
});
