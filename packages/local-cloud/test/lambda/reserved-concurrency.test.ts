import { writeFileSync } from 'node:fs';
import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, expect, test } from '@jest/globals';
import { readQuotas } from '../../src/quotas/quota-set.ts';
import { eventually, openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from './deploy-code.ts';

/** Answers once the test lets it. */
const WAITS =
  'async ({ until }) => { const { existsSync } = require("node:fs"); while (until && !existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5)); return 1; }';

let opened: TestCloud;
let lambda: LambdaClient;
afterEach(async () => {
  lambda.destroy();
  await opened.close();
});

async function open(quotas?: 'fresh-account'): Promise<void> {
  opened = await openTestCloud({ durable: false, ...(quotas && { quotas: readQuotas(quotas) }) });
  lambda = new LambdaClient({ ...opened.config, maxAttempts: 1 });
  for (const name of ['one', 'other']) await deployCode(opened.cloud, name, WAITS);
}

const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
const invoke = (FunctionName: string, event: object = {}) =>
  lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
const limits = async () => (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit;

test('an account says how many functions may work at once, and how many of them nobody has reserved', async () => {
  await open();
  expect(await limits()).toMatchObject({
    ConcurrentExecutions: 1_000,
    UnreservedConcurrentExecutions: 1_000,
  });
  await reserve('one', 900);
  expect(await limits()).toMatchObject({ ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 100 });
  expect(await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: 'one' }))).toMatchObject({
    ReservedConcurrentExecutions: 900,
  });
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'one' }));
  const { Concurrency } = await lambda.send(new GetFunctionCommand({ FunctionName: 'one' }));
  expect([Concurrency, (await limits())?.UnreservedConcurrentExecutions]).toEqual([undefined, 1_000]);
});

test('a hundred places stay unreserved, and in a new account all ten', async () => {
  await open();
  await reserve('one', 500);
  const tooFew = (least: number) =>
    `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${least}].`;
  await expect(reserve('other', 401)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: tooFew(100),
  });
  await reserve('other', 400);
  lambda.destroy();
  await opened.close();
  await open('fresh-account');
  expect(await limits()).toMatchObject({ ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 });
  await expect(reserve('one', 1)).rejects.toMatchObject({ message: tooFew(10) });
});

test('a function is refused beyond its own places, in the words of Lambda, and no other for it', async () => {
  await open();
  await reserve('one', 1);
  const until = `${opened.dataDir}/go`;
  const first = invoke('one', { until });
  await eventually(() => (opened.cloud.logs.filter(began('one')).length > 0 ? true : undefined));
  await expect(invoke('one')).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    $metadata: { httpStatusCode: 429 },
  });
  expect((await invoke('other')).StatusCode).toBe(200);
  writeFileSync(until, '');
  expect((await first).StatusCode).toBe(200);
  expect((await invoke('one')).StatusCode).toBe(200);
});

test('a function with no place at all is off', async () => {
  await open();
  await reserve('one', 0);
  expect(await refusalOf(invoke('one'))).toEqual({ name: 'TooManyRequestsException', status: 429 });
});

function began(name: string) {
  return {
    group: `/aws/lambda/${name}`,
    contains: ['START'],
    startTime: 0,
    endTime: Number.MAX_SAFE_INTEGER,
    afterId: 0,
    limit: 1,
  };
}
