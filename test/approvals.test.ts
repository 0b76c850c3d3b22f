import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import { ApprovalsApp, askingWorkflow, eventually } from './approvals-app.ts';
import { statesEntered } from './deployed-app.ts';

let people: ApprovalsApp;
beforeAll(async () => {
  people = await ApprovalsApp.open();
}, 120_000);
afterAll(() => people.close());

const at = (ms: number) => new Date(ms).toISOString() as Timestamp;

test('an approved run goes on with what was decided; its successor runs once, and who decided what is kept', async () => {
  const arn = await people.asking(askingWorkflow(), { name: 'approved' });
  expect(await people.told('approved', ['HITP_REQUESTED'])).toMatchObject([
    { node_id: 'ask', branch_path: '', deadline: expect.any(String) },
  ]);
  expect(await people.decide('approved', { comment: 'Fine by me', data: { budget: 3 } })).toMatchObject({
    outcome: 'delivered',
    repeated: false,
  });
  const ended = await people.app.end(arn);
  const answer = {
    choice: 'approve',
    comment: 'Fine by me',
    data: { budget: 3 },
    by: 'ann',
    decided_at: expect.any(String),
  };
  expect(await people.app.state(ended)).toMatchObject({ decision: answer, after: 'approve bags' });
  expect(ended.envelope?.state_data.last_hitp_response).toMatchObject(answer);
  const states = statesEntered(await people.app.history(arn));
  expect([
    states.filter((name) => name === 'MergeCallbackResult'),
    states.filter((name) => name === 'ExecuteSegment'),
  ]).toMatchObject([{ length: 1 }, { length: 1 }]);
  const [listed] = await people.runs.listApprovals(executionId('approved'));
  expect(listed).toMatchObject({
    state: 'DELIVERED',
    decision: { how: 'person', choice: 'approve', by: 'ann', comment: 'Fine by me' },
  });
  expect(listed).not.toHaveProperty('task_token');
});

test('a rejected run goes on with the rejection, or fails where the workflow says so', async () => {
  const going = await people.asking(askingWorkflow(), { name: 'rejected' });
  await people.decide('rejected', { choice: 'reject' });
  expect(await people.app.state(await people.app.end(going))).toMatchObject({ after: 'reject bags' });

  const failing = await people.asking(askingWorkflow({ on_reject: 'fail' }), { name: 'refused' });
  await people.decide('refused', { choice: 'reject' });
  expect(await people.app.end(failing)).toMatchObject({
    status: 'FAILED',
    error: 'Node.Failed',
    cause: expect.stringContaining('rejected'),
  });
});

test('what a person adds may be larger than a transition carries', async () => {
  const arn = await people.asking(askingWorkflow(), { name: 'large' });
  const data = { text: 'ü'.repeat(200_000), n: 1e-200 };
  expect(await people.decide('large', { data })).toMatchObject({ outcome: 'delivered' });
  expect(await people.app.state(await people.app.end(arn))).toMatchObject({
    decision: { choice: 'approve', data },
    after: 'approve bags',
  });
  expect(await people.decide('large', { data })).toMatchObject({ repeated: true });
});

describe('an answer that changes nothing', () => {
  const refused = (name: string, said = {}) =>
    people.decide(name, said).then(
      () => 'taken',
      (error: Error) => error.name,
    );

  test('the same again is delivered again, another one is refused, however many come at once', async () => {
    const arn = await people.asking(askingWorkflow(), { name: 'twice' });
    const said = await Promise.all(
      ['approve', 'approve', 'reject', 'reject', 'approve'].map((choice) => refused('twice', { choice })),
    );
    const { after } = await people.app.state(await people.app.end(arn));
    const winners = said.filter((outcome) => outcome === 'taken').length;
    expect(winners).toBe(after === 'approve bags' ? 3 : 2);
    expect(said.filter((outcome) => outcome === 'Approval.AlreadyDecided')).toHaveLength(5 - winners);
    expect(await refused('twice', { choice: after === 'approve bags' ? 'approve' : 'reject' })).toBe('taken');
    expect(await refused('twice', { choice: after === 'approve bags' ? 'reject' : 'approve' })).toBe(
      'Approval.AlreadyDecided',
    );
  });

  test('for nobody, for another owner, to a question nobody asked, with a choice nobody offered', async () => {
    const arn = await people.asking(askingWorkflow(), { name: 'strict' });
    expect(await refused('nobody')).toBe('Run.NotFound');
    expect(await refused('strict', { owner_id: 'mallory' })).toBe('Run.NotFound');
    expect(await refused('strict', { node_id: 'elsewhere' })).toBe('Approval.NotRequested');
    expect(await refused('strict', { choice: 'perhaps' })).toBe('Approval.ChoiceUnknown');
    expect(await refused('strict', { comment: 'x'.repeat(5_000) })).toBe('Contract.EventRejected');
    expect(await people.open('strict')).toMatchObject([{ state: 'OPEN' }]);
    await people.decide('strict');
    expect(await people.app.end(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('too early, while the run is on its way to the question', async () => {
    const arn = await people.app.start(
      {
        ...askingWorkflow(),
        nodes: [
          { id: 'rest', type: 'wait', config: { seconds: 2 } },
          ...(askingWorkflow()['nodes'] as JsonObject[]),
        ],
      },
      { name: 'early' },
    );
    await people.told('early', ['STARTED']);
    await expect(people.decide('early')).rejects.toMatchObject({
      name: expect.stringMatching(/^(Approval.NotRequested|Run.NotFound)$/),
    });
    await people.open('early');
    await people.decide('early');
    expect(await people.app.end(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('too late: after the deadline, and after the run was stopped', async () => {
    const arn = await people.asking(askingWorkflow({ deadline_s: 600 }), { name: 'late' });
    expect(await refused('late', { now: at(Date.now() + 601_000) })).toBe('Approval.Expired');
    await people.app.sfn.send(new StopExecutionCommand({ executionArn: arn }));
    await people.recorded('late');
    expect(await refused('late')).toBe('Approval.Expired');
    expect(await people.runs.listApprovals(executionId('late'))).toMatchObject([
      { state: 'CLOSED', closed_reason: 'the run ended: ABORTED' },
    ]);
  });

  test('to a run that was cancelled', async () => {
    const arn = await people.asking(askingWorkflow(), { name: 'given-up' });
    await people.runs.markCancelled(executionId('given-up'), { by: 'ann', at: at(Date.now()) });
    expect(await refused('given-up')).toBe('Run.Cancelled');
    await people.app.sfn.send(new StopExecutionCommand({ executionArn: arn }));
    expect(await people.recorded('given-up')).toMatchObject({ status: 'CANCELLED' });
    expect(await refused('given-up')).toBe('Run.Cancelled');
  });
});

test('approvals in branches are answered by their node, and without one only where there is no doubt', async () => {
  const branch = (id: string): JsonObject => ({
    id,
    nodes: [
      {
        id: `ask-${id}`,
        type: 'human_approval',
        output_key: `decision_${id}`,
        config: { message: `${id}?` },
      },
      {
        id: `then-${id}`,
        type: 'data_transform',
        output_key: id,
        config: { transform: `{% decision_${id}.choice %}` },
      },
    ],
  });
  const group = {
    id: 'group',
    type: 'parallel_group',
    config: { branches: [branch('left'), branch('right')] },
  };
  const arn = await people.asking({ name: 'branches', nodes: [group] }, { name: 'branches', questions: 2 });
  await expect(people.decide('branches')).rejects.toMatchObject({
    name: 'Approval.Ambiguous',
    message: expect.stringMatching(/ask-left.*ask-right/),
  });
  await people.decide('branches', { node_id: 'ask-right', choice: 'reject' });
  await people.decide('branches', { choice: 'approve' });
  expect(await people.app.state(await people.app.end(arn))).toMatchObject({
    left: 'approve',
    right: 'reject',
  });
  await people.recorded('branches');
  expect(people.toldSoFar('branches', ['COMPLETED', 'FAILED'])).toHaveLength(1);
  expect(
    (await people.runs.listApprovals(executionId('branches'))).map(({ branch_path, state }) => [
      branch_path,
      state,
    ]),
  ).toEqual([
    ['0', 'DELIVERED'],
    ['1', 'DELIVERED'],
  ]);
});

describe('at the deadline', () => {
  test('the run fails where the workflow has no other choice', async () => {
    const arn = await people.asking(askingWorkflow({ deadline_s: 600 }), { name: 'ends' });
    await people.beat(599 - 30);
    expect(await people.open('ends')).toHaveLength(1);
    await people.beat(601);
    expect(await people.app.end(arn)).toMatchObject({
      status: 'FAILED',
      error: 'Approval.Expired',
      cause: expect.stringContaining('nobody decided ask'),
    });
    expect(await people.told('ends', ['HITP_TIMEOUT'])).toMatchObject([
      { outcome: 'failed', node_id: 'ask' },
    ]);
    await expect(people.decide('ends')).rejects.toMatchObject({ name: 'Approval.Expired' });
  });

  test('the default is taken where there is one', async () => {
    const arn = await people.asking(askingWorkflow({ deadline_s: 600, default: 'reject' }), {
      name: 'falls-back',
    });
    await people.beat(601);
    expect(await people.app.state(await people.app.end(arn))).toMatchObject({
      decision: { choice: 'reject', by: null },
      after: 'reject bags',
    });
    expect(await people.told('falls-back', ['HITP_TIMEOUT'])).toMatchObject([{ outcome: 'default' }]);
    expect(await people.runs.listApprovals(executionId('falls-back'))).toMatchObject([
      { decision: { how: 'default', choice: 'reject', by: null } },
    ]);
  });

  test('an escalation asks once more for as long, then takes the default', async () => {
    const arn = await people.asking(
      askingWorkflow({ deadline_s: 600, on_deadline: 'escalate', default: 'reject' }),
      { name: 'rises' },
    );
    await people.beat(601);
    expect(await people.told('rises', ['HITP_TIMEOUT'])).toMatchObject([{ outcome: 'escalated' }]);
    await people.beat(1_150);
    expect(await people.open('rises')).toMatchObject([{ escalated: true }]);
    await people.beat(1_201);
    expect(await people.app.state(await people.app.end(arn))).toMatchObject({ after: 'reject bags' });
    expect(await people.told('rises', ['HITP_TIMEOUT'], 2)).toMatchObject([
      { outcome: 'escalated' },
      { outcome: 'default' },
    ]);
  });
});

test('a decision that was recorded and never delivered is delivered by the next beat', async () => {
  const arn = await people.asking(askingWorkflow(), { name: 'crashed' });
  const unreachable = new SFNClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    maxAttempts: 1,
  });
  await expect(people.decideOver(unreachable, 'crashed')).rejects.toMatchObject({
    name: 'Store.Unavailable',
  });
  expect(await people.runs.listApprovals(executionId('crashed'))).toMatchObject([
    { state: 'RECORDED', decision: { choice: 'approve' } },
  ]);
  await people.beat(1);
  expect(await people.app.state(await people.app.end(arn))).toMatchObject({ after: 'approve bags' });
  expect(await people.runs.listApprovals(executionId('crashed'))).toMatchObject([{ state: 'DELIVERED' }]);
});

test('a cancelled run asks nobody any more', async () => {
  const arn = await people.app.start(
    {
      ...askingWorkflow(),
      nodes: [
        { id: 'rest', type: 'wait', config: { seconds: 1 } },
        ...(askingWorkflow()['nodes'] as JsonObject[]),
      ],
    },
    { name: 'no-longer' },
  );
  await eventually(() => people.runs.getRun(executionId('no-longer')));
  await people.runs.markCancelled(executionId('no-longer'), { by: 'ann', at: at(Date.now()) });
  expect(await people.app.end(arn)).toMatchObject({ status: 'FAILED', error: 'Run.Cancelled' });
  expect(await people.recorded('no-longer')).toMatchObject({ status: 'CANCELLED' });
  expect(await people.runs.listApprovals(executionId('no-longer'))).toEqual([]);
});

test('examples/contract-review asks, and signs or sends back', async () => {
  const folder = join(import.meta.dirname, '..', 'examples', 'contract-review');
  const read = (file: string): JsonObject => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const arn = await people.asking(read('workflow.json'), { name: 'contract', input: read('input.json') });
  await people.decide('contract', { node_id: 'ask' });
  expect(await people.app.state(await people.app.end(arn))).toMatchObject({ outcome: 'accepted' });
});
