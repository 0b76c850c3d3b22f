import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestCloud, type TestCloud } from './test-cloud.ts';

let opened: TestCloud;
let plain: SFNClient;
let patient: SFNClient;

beforeAll(async () => {
  opened = await openTestCloud();
  [plain, patient] = [new SFNClient(opened.config), new SFNClient(opened.config)];
  patient.middlewareStack.add(
    (next) => (args) => {
      Object.assign(Reflect.get(args.request as object, 'headers'), { prefer: 'respond-async, wait=1' });
      return next(args);
    },
    { step: 'build' },
  );
});

afterAll(() => opened.close());

async function running(Seconds: number): Promise<string> {
  const States = { Rest: { Type: 'Wait', Seconds, End: true } };
  const { stateMachineArn } = await plain.send(
    new CreateStateMachineCommand({
      name: `waits-${Seconds}`,
      roleArn: 'arn:aws:iam::000000000000:role/m',
      definition: JSON.stringify({ StartAt: 'Rest', States }),
    }),
  );
  const { executionArn = '' } = await plain.send(new StartExecutionCommand({ stateMachineArn }));
  return executionArn;
}

const statusAsked = async (client: SFNClient, executionArn: string) =>
  (await client.send(new DescribeExecutionCommand({ executionArn }))).status;

test('a look with patience is answered when the execution has ended', async () => {
  const executionArn = await running(0);
  expect(await statusAsked(patient, executionArn)).toBe('SUCCEEDED');
  expect(await statusAsked(patient, executionArn)).toBe('SUCCEEDED');
});

test('a look with patience is answered when that is over; one without is answered at once', async () => {
  const executionArn = await running(3_600);
  const begun = performance.now();
  expect(await statusAsked(plain, executionArn)).toBe('RUNNING');
  const answered = performance.now();
  expect(await statusAsked(patient, executionArn)).toBe('RUNNING');
  expect(performance.now() - answered).toBeGreaterThanOrEqual(990);
  expect(answered - begun).toBeLessThan(900);
});
