import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { OwnerId } from '@statebag/contracts/ids';
import { openTestTable, type TestTable } from '../test/runs-table.ts';
import type { KeyOutcome } from './legacy-keys.ts';

let table: TestTable;
beforeAll(async () => {
  table = await openTestTable();
});
afterAll(() => table.close());

const T0 = '2026-03-01T08:00:00.000Z' as Timestamp;
const DAY = 86_400;
const holder = (key: string, execution_arn = 'arn:one') => ({
  owner_id: 'acme' as OwnerId,
  key,
  execution_arn,
  ended_at: T0,
});
const Key = (key: string) => ({ pk: { S: `legacy#acme#${key}` }, sk: { S: 'run' } });

/** As the machine takes it. */
async function taken(key: string, status = 'RUNNING', execution_arn = 'arn:one'): Promise<void> {
  const Item = {
    ...Key(key),
    status: { S: status },
    execution_arn: { S: execution_arn },
    execution_id: { S: 'run-1' },
  };
  await table.client.send(new PutItemCommand({ TableName: table.table, Item }));
}

async function item(key: string) {
  const { Item } = await table.client.send(new GetItemCommand({ TableName: table.table, Key: Key(key) }));
  return Item && unmarshall(Item);
}

const failed = async (): Promise<KeyOutcome> => ({ status: 'FAILED', error: 'States.Timeout' });

test('a key that was still held is given back with why, and expires with the objects of its run', async () => {
  await taken('held');
  await table.runs.endKey(holder('held'), failed);
  expect(await item('held')).toMatchObject({
    status: 'FAILED',
    error: 'States.Timeout',
    ended_at: T0,
    expires_at: Date.parse(T0) / 1_000 + 90 * DAY,
  });
});

test('a result that its machine could not keep is kept', async () => {
  await taken('done');
  await table.runs.endKey(holder('done'), async () => ({ status: 'COMPLETE', result: '{"a":1}' }));
  expect(await item('done')).toMatchObject({ status: 'COMPLETE', result: '{"a":1}' });
});

test('what the machine has said of the end stands, and only then is asked for no outcome', async () => {
  await taken('said', 'COMPLETE');
  await table.runs.endKey(holder('said'), () => Promise.reject(new Error('nobody should ask')));
  expect(await item('said')).toMatchObject({ status: 'COMPLETE', expires_at: expect.any(Number) });
});

test('a key that another execution has taken since is left as it is', async () => {
  await taken('again', 'RUNNING', 'arn:two');
  await table.runs.endKey(holder('again'), failed);
  expect(await item('again')).not.toHaveProperty('expires_at');
  expect(await item('again')).toMatchObject({ status: 'RUNNING', execution_arn: 'arn:two' });
});

test('an execution that never took its key leaves none', async () => {
  await table.runs.endKey(holder('never'), failed);
  expect(await item('never')).toBeUndefined();
});
