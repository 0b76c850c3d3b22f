import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { sealedEnvelopes } from './sealed-envelopes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'statebag-envelopes-'));
let cloud: LocalCloud;
let sfn: SFNClient;
beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir });
  sfn = new SFNClient(cloud.clientOptions);
});
afterAll(async () => {
  sfn.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

/** A state that leaves an envelope, as a Pass. */
const leaves = (bag: string, next: object) => ({ Type: 'Pass', Result: { state_data: { bag } }, ...next });
const continues = (machine: string, next: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn: machine, 'Input.$': '$' },
  OutputPath: '$.Output',
  ...next,
});

async function machine(name: string, StartAt: string, States: object): Promise<string> {
  const { stateMachineArn = '' } = await sfn.send(
    new CreateStateMachineCommand({
      name,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      definition: JSON.stringify({ StartAt, States }),
    }),
  );
  return stateMachineArn;
}

test('the bags of an execution come newest first, those of its continuations in their place, to any depth', async () => {
  const last = await machine('last', 'SyncStateData', {
    SyncStateData: leaves('5 in the last', { Next: 'Other' }),
    Other: { Type: 'Pass', Result: {}, End: true },
  });
  const middle = await machine('middle', 'SyncStateData', {
    SyncStateData: leaves('3 in the middle', { Next: 'MergeCallbackResult' }),
    MergeCallbackResult: leaves('4 in the middle', { Next: 'ContinueAsNew' }),
    ContinueAsNew: continues(last, { End: true }),
  });
  const first = await machine('first', 'InitializeStateBag', {
    InitializeStateBag: leaves('1 in the first', { Next: 'SyncStateData' }),
    SyncStateData: leaves('2 in the first', { Next: 'ContinueAsNew' }),
    ContinueAsNew: continues(middle, { Next: 'Fails' }),
    Fails: { Type: 'Fail' },
  });
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: first, input: '{}' }),
  );
  while ((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING')
    await pause(10);
  const bags: unknown[] = [];
  for await (const { state_data } of sealedEnvelopes(sfn, executionArn))
    bags.push(Reflect.get(state_data, 'bag'));
  // What a continuation begins with is what the one before it ended with.
  expect(bags).toEqual([
    '5 in the last',
    '4 in the middle',
    '4 in the middle',
    '3 in the middle',
    '2 in the first',
    '2 in the first',
    '1 in the first',
  ]);
});
