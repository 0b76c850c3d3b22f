import { StartExecutionCommand, StopExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { executionId, workflowId } from '@statebag/contracts/ids';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import type { Runs } from '@statebag/runs';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { ApprovalsApp, askingWorkflow } from './approvals-app.ts';
import { BUCKET, OWNER } from './deployed-app.ts';

let people: ApprovalsApp;
beforeAll(async () => {
  people = await ApprovalsApp.open();
}, 120_000);
afterAll(() => people.close());

const ENDINGS = ['COMPLETED', 'FAILED'];

/** Everything of a run's end that the service says, once more: twice at once, and once later. */
async function repeated(name: string): Promise<void> {
  const events = people.statusEvents(name);
  await Promise.allSettled([...events, ...events].map((event) => people.invoke('recordStatusChange', event)));
  for (const event of events) await people.invoke('recordStatusChange', event);
}

async function started(name: string, states: JsonObject, more: JsonObject = {}): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'Only', States: { Only: states }, ...more });
  await people.app.sfn.send(
    new UpdateStateMachineCommand({ stateMachineArn: people.app.machineArn(), definition }),
  );
  const input = {
    schema_version: SCHEMA_VERSION,
    owner_id: OWNER,
    workflow_id: 'w',
    definition_id: 'd'.repeat(64),
    execution_id: name,
    input: {},
  };
  const { executionArn = '' } = await people.app.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: people.app.machineArn(),
      name,
      input: JSON.stringify(input),
    }),
  );
  return executionArn;
}

/** How often the recorder has been called. */
function recordings(): number {
  const group = '/aws/lambda/statebag-state-data-manager-local-recordStatusChange';
  const all = { startTime: 0, endTime: Number.MAX_SAFE_INTEGER, afterId: 0, limit: 100_000 };
  return people.app.cloud.logs.filter({ group, contains: ['START RequestId'], ...all }).length;
}

test('the beginning of a run that has its record already calls nobody; any other is recorded', async () => {
  const place = {
    store: s3ObjectStore(people.app.s3),
    bucket: BUCKET,
    starts: sdkStarts(people.app.sfn),
    now: Date.now,
  };
  const node = { id: 'a', type: 'data_transform', output_key: 'a', config: { transform: '{% 1 %}' } };
  const { workflow } = readWorkflow(JSON.stringify({ name: 'one', nodes: [node] }), { file: 'one.json' });
  if (!workflow) throw new Error('the workflow of this test is invalid');
  const start = {
    owner_id: OWNER,
    workflow_id: workflowId('one'),
    generation: 'v3' as const,
    machine_arn: await people.app.newestVersion(),
    definition: compileWorkflow(workflow),
    given: { input: {} },
  };
  const callsOf = async (id: string, runs?: Runs): Promise<number> => {
    const before = recordings();
    await startRun({ ...place, ...(runs && { runs }) }, { ...start, execution_id: executionId(id) });
    expect(await people.recorded(id)).toMatchObject({ status: 'SUCCEEDED' });
    return recordings() - before;
  };
  expect(await callsOf('with-record', people.runs)).toBe(1);
  expect(await callsOf('bare')).toBe(2);
});

test('a run that succeeded is recorded with its times and reported once', async () => {
  const group = {
    branches: [0, 1].map((n) => ({
      id: `b${n}`,
      nodes: [`x${n}`, `y${n}`].map((id) => ({
        id,
        type: 'data_transform',
        output_key: id,
        config: { transform: '{% 1 %}' },
      })),
    })),
  };
  const ended = await people.app.run({
    name: 'well',
    options: { llm_per_segment: 1 },
    nodes: [{ id: 'group', type: 'parallel_group', config: group }],
  });
  const name = ended.executionArn.split(':').at(-1) ?? '';
  const run = await people.recorded(name);
  expect(run).toMatchObject({
    owner_id: OWNER,
    status: 'SUCCEEDED',
    generation: 'v3',
    execution_arns: [ended.executionArn],
    reported: true,
  });
  expect(Date.parse(run.ended_at ?? '')).toBeGreaterThanOrEqual(Date.parse(run.started_at));
  expect(run).not.toHaveProperty('error');
  await repeated(name);
  expect(people.toldSoFar(name, ENDINGS)).toMatchObject([
    { event_type: 'COMPLETED', owner_id: OWNER, execution_arn: ended.executionArn },
  ]);
});

test('branches are no runs of their own', async () => {
  const arn = await people.asking(
    {
      name: 'deep',
      nodes: [
        {
          id: 'group',
          type: 'parallel_group',
          config: {
            branches: ['l', 'r'].map((id) => ({
              id,
              nodes: [{ id: `ask-${id}`, type: 'human_approval', output_key: id, config: { message: '?' } }],
            })),
          },
        },
      ],
    },
    { name: 'deep', questions: 2 },
  );
  for (const id of ['l', 'r']) await people.decide('deep', { node_id: `ask-${id}` });
  await people.app.end(arn);
  await people.recorded('deep');
  const { runs } = await people.runs.listRuns(OWNER, { limit: 100 });
  expect(runs.map(({ execution_id }) => execution_id).filter((id) => /^[0-9a-f]{64}$/.test(id))).toEqual([]);
  expect(people.toldSoFar('deep', ENDINGS)).toHaveLength(1);
});

test('a run that was stopped while it asks is reported once, and asks no longer', async () => {
  const arn = await people.asking(askingWorkflow(), { name: 'stopped' });
  await people.app.sfn.send(
    new StopExecutionCommand({ executionArn: arn, error: 'Operator', cause: 'maintenance' }),
  );
  expect(await people.recorded('stopped')).toMatchObject({
    status: 'ABORTED',
    error: 'Operator',
    cause: 'maintenance',
  });
  await repeated('stopped');
  expect(people.toldSoFar('stopped', ENDINGS)).toMatchObject([
    { event_type: 'FAILED', status: 'ABORTED', error: 'Operator' },
  ]);
  expect(await people.runs.listApprovals(executionId('stopped'))).toMatchObject([{ state: 'CLOSED' }]);
});

test('a run that was resumed is the same run, and each of its ends is reported once', async () => {
  const arn = await people.app.run(askingWorkflow({ message: '{% $error("no") %}' }));
  const name = arn.executionArn.split(':').at(-1) ?? '';
  expect(await people.recorded(name)).toMatchObject({ status: 'FAILED' });
  const first = people.statusEvents(name);
  const state_data = {
    execution_id: name,
    owner_id: OWNER,
    workflow_id: 'test',
    definition_id: 'd'.repeat(64),
  };
  const input = JSON.stringify({ state_data, next_action: 'FAILED', resumed: true });
  const { executionArn = '' } = await people.app.sfn.send(
    new StartExecutionCommand({ stateMachineArn: people.app.machineArn(), name: `${name}.r1`, input }),
  );
  await people.app.end(executionArn);
  await people.told(name, ENDINGS, 2);
  await Promise.allSettled(
    [...first, ...people.statusEvents(`${name}.r1`)].map((event) =>
      people.invoke('recordStatusChange', event),
    ),
  );
  expect(await people.recorded(name)).toMatchObject({
    status: 'FAILED',
    execution_arns: [arn.executionArn, executionArn],
  });
  expect(people.toldSoFar(name, ENDINGS).map(({ execution_arn }) => execution_arn)).toEqual([
    arn.executionArn,
    executionArn,
  ]);
});

describe('on a machine that ends otherwise', () => {
  test('a time-out and a runtime error are reported once each', async () => {
    await started('slow', { Type: 'Wait', Seconds: 600, End: true }, { TimeoutSeconds: 1 });
    await started('broken', { Type: 'Pass', InputPath: '$.nothing', End: true });
    expect(await people.recorded('slow')).toMatchObject({ status: 'TIMED_OUT' });
    expect(await people.recorded('broken')).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    await Promise.all([repeated('slow'), repeated('broken')]);
    expect(people.toldSoFar('slow', ENDINGS)).toMatchObject([{ event_type: 'FAILED', status: 'TIMED_OUT' }]);
    expect(people.toldSoFar('broken', ENDINGS)).toMatchObject([
      { event_type: 'FAILED', status: 'FAILED', error: 'States.Runtime' },
    ]);
  });

  test('an end that was recorded and never told is told when the service repeats it', async () => {
    await started('lost', { Type: 'Pass', End: true });
    await people.recorded('lost');
    const { runs } = people;
    const execution_id = executionId('crash');
    const run = await runs.getRun(executionId('lost'));
    if (!run) throw new Error('it was recorded');
    const [execution_arn = ''] = run.execution_arns; // an execution that there is, recorded under another run
    await runs.createRun({ ...run, execution_id, execution_arns: [execution_arn] });
    await runs.finishRun(execution_id, {
      execution_arn,
      status: 'SUCCEEDED',
      ended_at: new Date().toISOString() as Timestamp,
    });
    const event = JSON.parse(JSON.stringify(people.statusEvents('lost').at(-1)).replaceAll('lost', 'crash'));
    event.detail.executionArn = execution_arn;
    await people.invoke('recordStatusChange', event);
    await people.invoke('recordStatusChange', event);
    expect(people.toldSoFar('crash', ENDINGS)).toMatchObject([{ event_type: 'COMPLETED' }]);
  });

  test('an input that the event leaves out is looked up', async () => {
    const states = { Type: 'Pass', Result: 'x'.repeat(150_000), End: true };
    const definition = JSON.stringify({ StartAt: 'Only', States: { Only: states } });
    await people.app.sfn.send(
      new UpdateStateMachineCommand({ stateMachineArn: people.app.machineArn(), definition }),
    );
    const input = {
      schema_version: SCHEMA_VERSION,
      owner_id: OWNER,
      workflow_id: 'w',
      definition_id: 'd'.repeat(64),
      execution_id: 'heavy',
      input: { text: 'x'.repeat(150_000) },
    };
    await people.app.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: people.app.machineArn(),
        name: 'heavy',
        input: JSON.stringify(input),
      }),
    );
    expect(await people.recorded('heavy')).toMatchObject({ status: 'SUCCEEDED', owner_id: OWNER });
    expect(people.statusEvents('heavy').at(-1)?.detail).toMatchObject({
      input: null,
      inputDetails: { included: false },
    });
  });

  test('an execution that no run can begin with is nobody’s run', async () => {
    const { executionArn } = await people.app.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: people.app.machineArn(),
        name: 'nonsense',
        input: '{"hello":"world"}',
      }),
    );
    await people.app.end(executionArn ?? '');
    for (const event of people.statusEvents('nonsense')) await people.invoke('recordStatusChange', event);
    expect(await people.runs.getRun(executionId('nonsense'))).toBeUndefined();
  });
});
