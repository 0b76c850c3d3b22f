import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StopExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import { ApprovalsApp, eventually } from './approvals-app.ts';
import { type AppOptions, DeployedTestApp, OWNER, statesEntered, transform } from './deployed-app.ts';
import {
  endedKey,
  endLegacy,
  keyItem,
  legacyStart,
  legacyState,
  runLegacy,
  startLegacy,
} from './legacy-app.ts';

/** A model call, a question, and what follows from both. */
const ASKING: JsonObject = {
  name: 'asking',
  initial_state: { subject: 'bags' },
  nodes: [
    { id: 'thought', type: 'llm_chat', output_key: 'thought', config: { prompt: 'Think of {{ subject }}.' } },
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Go on?' } },
    transform('said', "{% $string($length(thought) > 0) & ' ' & decision.choice %}"),
  ],
};

function modelCalls(app: DeployedTestApp, execution_id: unknown): number {
  const lines = app
    .stepLines('segment-runner-local-executeSegment')
    .filter((line) => line.execution_id === execution_id);
  return lines.reduce((calls, { ledger }) => calls + ledger.writes, 0);
}

describe('a key whose run was ended from outside', () => {
  let people: ApprovalsApp;
  let app: DeployedTestApp;
  beforeAll(async () => {
    people = await ApprovalsApp.open();
    app = people.app;
  }, 120_000);
  afterAll(() => people.close());

  test('can be used again after a stop: the run goes on where it stopped and asks once more', async () => {
    const start = await legacyStart(app, ASKING, { idempotency_key: 'stopped', execution_id: 'stopped-1' });
    const first = await startLegacy(app, start);
    await people.open('stopped-1');
    await app.sfn.send(
      new StopExecutionCommand({ executionArn: first, error: 'Operator', cause: 'maintenance' }),
    );
    const given = await endedKey(app, 'stopped', 'FAILED');
    expect(given).toMatchObject({ error: 'Operator', execution_arn: first });
    expect(Number(given['expires_at'])).toBeGreaterThan(Date.now() / 1_000 + 89 * 86_400);

    const second = await startLegacy(app, start);
    await people.open('stopped-1');
    await eventually(async () =>
      (await people.runs.getRun(executionId('stopped-1')))?.execution_arns.includes(second)
        ? second
        : undefined,
    );
    // the service may say it again, late
    for (const event of people.statusEvents(first.split(':').at(-1) ?? ''))
      await people.invoke('recordStatusChange', event);
    expect(await keyItem(app, 'stopped')).toMatchObject({ status: 'RUNNING', execution_arn: second });
    expect(await runLegacy(app, start)).toMatchObject({ status: 'FAILED', error: 'Run.Duplicate' });

    await people.decide('stopped-1');
    const ended = await endLegacy(app, second);
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ said: 'true approve' });
    expect(modelCalls(app, 'stopped-1')).toBe(1);
    await endedKey(app, 'stopped', 'COMPLETE');
    expect(await runLegacy(app, start)).toMatchObject({ status: 'SUCCEEDED', bag: ended.bag });
  }, 60_000);

  test.each([
    [
      'timed out',
      { Type: 'Wait', Seconds: 600, End: true },
      1,
      { status: 'FAILED', error: 'States.Timeout' },
    ],
    [
      'broke off',
      { Type: 'Pass', InputPath: '$.nothing', End: true },
      600,
      { status: 'FAILED', error: 'States.Runtime' },
    ],
    [
      'succeeded and could not say so',
      { Type: 'Pass', OutputPath: '$', End: true },
      600,
      { status: 'COMPLETE', result: '{"kept":true}' },
    ],
  ])('can be used again when the run %s', async (what, last, TimeoutSeconds, expected) => {
    const execution_id = what.replaceAll(' ', '-');
    const StateMachineArn = app.machineArn('legacy');
    const definition = JSON.stringify({
      TimeoutSeconds,
      StartAt: 'Take',
      States: { Take: takesKey(execution_id), Last: last },
    });
    await app.sfn.send(new UpdateStateMachineCommand({ stateMachineArn: StateMachineArn, definition }));
    await startLegacy(app, { owner_id: OWNER, execution_id, state: {} });
    expect(await endedKey(app, execution_id, expected.status)).toMatchObject(expected);
  });
});

/** Takes a key as the machine does, and leaves a bag. */
function takesKey(key: string): JsonObject {
  const Item = {
    pk: { S: `legacy#${OWNER}#${key}` },
    sk: { S: 'run' },
    status: { S: 'RUNNING' },
    execution_id: { S: key },
    execution_arn: { 'S.$': '$$.Execution.Id' },
  };
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:putItem',
    Parameters: { TableName: 'statebag-runs-local', Item },
    ResultSelector: { state_data: { kept: true } },
    Next: 'Last',
  };
}

describe('a key whose run breaks off in the middle', () => {
  const two: JsonObject = {
    name: 'two',
    options: { llm_per_segment: 1 },
    nodes: ['first', 'second'].map((id) => ({
      id,
      type: 'llm_chat',
      output_key: id,
      config: { prompt: `What of ${id}?` },
    })),
  };

  /** Everything is deployed code; answers of the second segment are lost until they are let through. */
  function losing() {
    const counted = {
      reached: 0,
      between: (async (invocation, invoke) => {
        const answer = await invoke(invocation);
        if (
          !invocation.functionName.includes('executeSegment') ||
          !invocation.payload.toString().includes('"segment_to_run":"s02-second"')
        )
          return answer;
        counted.reached += 1;
        return new Promise(() => undefined);
      }) satisfies NonNullable<AppOptions['between']>,
    };
    return counted;
  }

  test('is held while the cloud is away; the run ends as it would have, and no call is made twice', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'statebag-key-'));
    const lost = losing();
    const stopping = await DeployedTestApp.open({ dataDir, between: lost.between });
    const start = await legacyStart(stopping, two, { idempotency_key: 'order-1' });
    const arn = await startLegacy(stopping, start);
    while (lost.reached === 0) await pause(10);
    const calls = modelCalls(stopping, start['execution_id']);
    await stopping.close();

    const back = await DeployedTestApp.open({ dataDir });
    try {
      const ended = await endLegacy(back, arn);
      expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
      expect(await runLegacy(back, start)).toMatchObject({ status: 'SUCCEEDED', bag: ended.bag });
      expect([calls, modelCalls(back, start['execution_id'])]).toEqual([2, 2]);
      expect((ended.bag['state_history'] as JsonObject[]).map(({ node_id }) => node_id)).toEqual([
        'first',
        'second',
      ]);
      expect(statesEntered(await back.history(arn)).filter((name) => name === 'ExecuteSegment')).toHaveLength(
        2,
      );
    } finally {
      await back.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 120_000);
});
