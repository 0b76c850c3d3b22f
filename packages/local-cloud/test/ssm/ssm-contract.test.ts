import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

/** One value that lies elsewhere, and a name that has none. */
const held = (name: string) => {
  if (name === '/held/key') return { value: 'kept elsewhere' };
  return name === '/held/none' ? { missing: 'look into the drawer' } : null;
};

let opened: TestCloud;
let ssm: SSMClient;

beforeAll(async () => {
  opened = await openTestCloud({ heldParameters: held });
  ssm = new SSMClient(opened.config);
});

afterAll(async () => {
  ssm.destroy();
  await opened.close();
});

const put = (Name: string, Value: string, more: object = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));

test('a parameter is read back with its version, and overwritten only on demand', async () => {
  await put('/rollout/weight', '10');
  expect((await refusalOf(put('/rollout/weight', '20'))).name).toBe('ParameterAlreadyExists');
  expect((await put('/rollout/weight', '30', { Overwrite: true })).Version).toBe(2);
  expect((await ssm.send(new GetParameterCommand({ Name: '/rollout/weight' }))).Parameter).toMatchObject({
    Value: '30',
    Version: 2,
    Type: 'String',
    ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/rollout/weight',
  });
  expect((await ssm.send(new GetParameterCommand({ Name: '/rollout/weight:1' }))).Parameter?.Value).toBe(
    '10',
  );
  expect(
    (await ssm.send(new GetParameterHistoryCommand({ Name: '/rollout/weight' }))).Parameters?.map(
      ({ Value }) => Value,
    ),
  ).toEqual(['10', '30']);
});

test('parameters are listed below a path, deep or not', async () => {
  await put('/tree/a', '1');
  await put('/tree/b/c', '2');
  const below = async (Recursive: boolean) =>
    (await ssm.send(new GetParametersByPathCommand({ Path: '/tree', Recursive }))).Parameters?.map(
      ({ Name }) => Name,
    );
  expect([await below(false), await below(true)]).toEqual([['/tree/a'], ['/tree/a', '/tree/b/c']]);
});

test('what is missing is told apart from what is there', async () => {
  await put('/present', '1');
  const { Parameters, InvalidParameters } = await ssm.send(
    new GetParametersCommand({ Names: ['/present', '/absent'] }),
  );
  expect([Parameters?.map(({ Name }) => Name), InvalidParameters]).toEqual([['/present'], ['/absent']]);
  expect((await refusalOf(ssm.send(new GetParameterCommand({ Name: '/absent' })))).name).toBe(
    'ParameterNotFound',
  );
});

test('a deleted parameter is gone with its history', async () => {
  await put('/gone', '1');
  await ssm.send(new DeleteParameterCommand({ Name: '/gone' }));
  expect((await refusalOf(ssm.send(new DeleteParameterCommand({ Name: '/gone' })))).name).toBe(
    'ParameterNotFound',
  );
  expect((await put('/gone', '2')).Version).toBe(1);
  expect(
    (await ssm.send(new DeleteParametersCommand({ Names: ['/gone', '/absent'] }))).InvalidParameters,
  ).toEqual(['/absent']);
});

test('a parameter that is held elsewhere is read, and never written down', async () => {
  const read = (Name: string) => ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
  expect((await read('/held/key')).Parameter).toMatchObject({
    Value: 'kept elsewhere',
    Type: 'SecureString',
  });
  await expect(read('/held/none')).rejects.toThrow('look into the drawer');
  expect((await refusalOf(put('/held/key', 'other', { Overwrite: true }))).name).toBe('ValidationException');
  expect((await ssm.send(new GetParametersByPathCommand({ Path: '/held' }))).Parameters).toEqual([]);
});
