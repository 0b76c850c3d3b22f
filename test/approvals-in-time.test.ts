import { SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from '@jest/globals';
import { executionId } from '@statebag/contracts/ids';
import { virtualClock } from '@statebag/local-cloud/testing';
import { ApprovalsApp, askingWorkflow } from './approvals-app.ts';
import { type AppOptions, statesEntered } from './deployed-app.ts';

let people: ApprovalsApp | undefined;
afterEach(() => people?.close());

async function opened(options: Omit<AppOptions, 'clock'> = {}): Promise<ApprovalsApp> {
  people = await ApprovalsApp.open({ ...options, clock: virtualClock() });
  return people;
}

test('an approval that stays open for longer than the heartbeat allows is kept alive by the schedule, and ends at its deadline', async () => {
  const app = await opened();
  const arn = await app.app.start(askingWorkflow({ deadline_s: 4_200 }), { name: 'hours' });
  expect(await app.app.end(arn)).toMatchObject({ status: 'FAILED', error: 'Approval.Expired' });
  const events = await app.app.history(arn);
  expect(events.filter(({ type }) => type === 'TaskTimedOut')).toEqual([]);
  const [asked, ended] = [events[0]?.timestamp, events.at(-1)?.timestamp].map((time) => Number(time));
  expect(((ended ?? 0) - (asked ?? 0)) / 1_000).toBeGreaterThanOrEqual(4_200);
}, 120_000);

/** What stands between the state machine and `storeTaskToken`; every other call goes through. */
function atTokens(first: NonNullable<AppOptions['between']>) {
  const counted = { stored: 0 };
  const between: AppOptions['between'] = async (invocation, invoke) => {
    if (!invocation.functionName.includes('storeTaskToken')) return invoke(invocation);
    counted.stored += 1;
    return counted.stored === 1 ? first(invocation, invoke) : invoke(invocation);
  };
  return { counted, between };
}

test('a token that never arrived is replaced within the hour', async () => {
  const { counted, between } = atTokens((invocation, invoke) => {
    const payload = Buffer.from(invocation.payload)
      .toString()
      .replace(/"task_token":"[^"]*"/, '"task_token":"lost"');
    return invoke({ ...invocation, payload });
  });
  const app = await opened({ between });
  const arn = await app.app.start(askingWorkflow({ deadline_s: 4_200, default: 'approve' }), {
    name: 'lost',
  });
  expect(await app.app.state(await app.app.end(arn))).toMatchObject({ after: 'approve bags' });
  expect(counted.stored).toBe(2);
  expect((await app.app.history(arn)).filter(({ type }) => type === 'TaskTimedOut')).toHaveLength(1);
  expect(await app.runs.listApprovals(executionId('lost'))).toMatchObject([
    { state: 'DELIVERED', decision: { how: 'default' } },
  ]);
}, 120_000);

test('a decision whose token is gone arrives with the next token', async () => {
  const unreachable = new SFNClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  const { counted, between } = atTokens(async (invocation, invoke) => {
    await invoke(invocation);
    await expect(people?.decideOver(unreachable, 'retried')).rejects.toMatchObject({
      name: 'Store.Unavailable',
    });
    const payload = JSON.stringify({
      errorType: 'Store.Unavailable',
      errorMessage: 'the answer was lost',
      trace: [],
    });
    return { statusCode: 200, requestId: 'test', executedVersion: '1', payload, functionError: 'Unhandled' };
  });
  const app = await opened({ between });
  const arn = await app.app.start(askingWorkflow(), { name: 'retried' });
  const ended = await app.app.end(arn);
  expect(await app.app.state(ended)).toMatchObject({ after: 'approve bags' });
  expect(counted.stored).toBe(2);
  expect(
    statesEntered(await app.app.history(arn)).filter((name) => name === 'MergeCallbackResult'),
  ).toHaveLength(1);
}, 120_000);
