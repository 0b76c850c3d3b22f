import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { openTestTable, type TestTable } from '@statebag/runs/testing';
import { changeRollout, type RolloutAccess } from './change-rollout.ts';

const NAME = '/statebag/test/rollout';
const AT_FIRST: RolloutSettings = {
  v3: 0,
  sticky: 'workflow',
  overrides: {},
  shadow: { on: false, share: 10 },
  kill_switch: false,
};

let table: TestTable;
let access: RolloutAccess;
let ssm: SSMClient;
beforeAll(async () => {
  table = await openTestTable();
  ssm = new SSMClient(table.config);
  access = { ssm, parameter: NAME, runs: table.runs, by: 'ada', now: Date.now };
});
afterAll(async () => {
  ssm.destroy();
  await table.close();
});

const put = (settings: RolloutSettings) =>
  ssm.send(
    new PutParameterCommand({ Name: NAME, Value: JSON.stringify(settings), Type: 'String', Overwrite: true }),
  );
const current = async (): Promise<RolloutSettings> =>
  JSON.parse((await ssm.send(new GetParameterCommand({ Name: NAME }))).Parameter?.Value ?? '');
const to = (v3: number, from: RolloutSettings) => ({ what: 'set', from, to: { ...from, v3 } });

/** A service that lets everybody read and nobody write. */
async function readOnly(settings: RolloutSettings): Promise<{ client: SSMClient; close(): void }> {
  const server = createServer((request, response) => {
    const reading = String(request.headers['x-amz-target']).endsWith('GetParameter');
    const body = reading
      ? { Parameter: { Name: NAME, Value: JSON.stringify(settings) } }
      : { __type: 'AccessDeniedException', message: 'not you' };
    response
      .writeHead(reading ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const client = new SSMClient({
    ...table.config,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  return {
    client,
    close() {
      client.destroy();
      server.close();
    },
  };
}

test('of changes decided on the same look one is made, and the others find that they came second', async () => {
  await put(AT_FIRST);
  const outcomes = await Promise.allSettled([1, 10, 50].map((v3) => changeRollout(access, to(v3, AT_FIRST))));
  const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(made).toHaveLength(1);
  expect(await current()).toEqual(made[0]?.to);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({ reason: expect.objectContaining({ name: 'Rollout.Conflict' }) }),
    ),
  );
});

test('a change that may not be written is on no record, and the next one is made', async () => {
  const from = await current();
  const { client, close } = await readOnly(from);
  await expect(changeRollout({ ...access, ssm: client }, to(77, from))).rejects.toMatchObject({
    name: 'Store.AccessDenied',
  });
  close();
  expect(await current()).toEqual(from);
  expect((await table.runs.listChanges(10)).map(({ to: made }) => made.v3)).not.toContain(77);
  await changeRollout(access, to(33, from));
  expect((await current()).v3).toBe(33);
});

test('figures are taken anew when runs begin elsewhere, and not for a shadow', async () => {
  const from = await current();
  const { to: shadowed } = await changeRollout(access, {
    what: 'shadow on',
    from,
    to: { ...from, shadow: { on: true, share: 5 } },
  });
  expect(shadowed.changed_at).toBe(from.changed_at);
  const { to: moved } = await changeRollout({ ...access, now: () => Date.now() + 1_000 }, to(34, shadowed));
  expect(moved.changed_at).not.toBe(shadowed.changed_at);
});
