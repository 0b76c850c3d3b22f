import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import type {
  ApiError,
  ApprovalList,
  ApprovalPage,
  DecisionReply,
  RunView,
} from '@statebag/contracts/schemas/api';
import {
  validateApprovalList,
  validateApprovalPage,
  validateDecisionReply,
} from '@statebag/contracts/validators';
import { openRuns } from '@statebag/runs';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';
import { ApiTestApp, chain, transform } from './api-app.ts';

let app: ApiTestApp;
let model: ModelServer;
beforeAll(async () => {
  model = await modelServer({ delayMs: 30 });
  app = await ApiTestApp.open({ llmBaseUrl: model.url });
});
afterAll(async () => {
  await app.close();
  await model.close();
});

const ask = (id: string, prompt: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { provider: 'openai-compatible', model: 'echo', prompt },
});
const approval = (config: JsonObject = {}): JsonObject => ({
  id: 'review',
  type: 'human_approval',
  output_key: 'decision',
  config: { message: 'Is it good?', ...config },
});
const execution = (id: string) => `arn:aws:states:us-east-1:000000000000:execution:statebag-v3-local:${id}`;
const post = <Body = RunView>(id: string, verb: string, body: object = {}) =>
  app.call<Body>('POST', `/runs/${id}/${verb}`, { body });
const timesAsked = (part: string) => model.asked.filter((prompt) => prompt.startsWith(part)).length;

async function approvals(id: string) {
  return (await app.call<ApprovalList>('GET', `/runs/${id}/approvals`)).body;
}

async function asksOf(id: string, state = 'OPEN'): Promise<ApprovalList['approvals']> {
  let found: ApprovalList['approvals'] = [];
  const run = await app.until(id, async ({ status }) => {
    found = (await approvals(id)).approvals.filter((each) => each.state === state);
    return found.length > 0 || status !== 'RUNNING';
  });
  if (found.length === 0) throw new Error(`${id} asks nothing: ${JSON.stringify(run)}`);
  return found;
}

describe('a run that failed', () => {
  test('goes on where it failed when it is resumed, makes no recorded call again and does nothing twice', async () => {
    const counted = { id: 'count', type: 'operator', config: { set: { count: '{% count + 1 %}' } } };
    const workflow = chain('fails', [
      ask('one', 'R1 first {{ topic }}'),
      counted,
      ask('two', 'R1 second {{ one }}'),
      transform('done', 'two'),
    ]);
    model.refuse('R1 second');
    const { execution_id: id } = await app.start(workflow, { topic: 'x', count: 0 });
    expect(await app.end(id)).toMatchObject({ status: 'FAILED', error: 'Llm.RequestRejected', output: null });
    const again = await post(id, 'resume');
    expect({ status: again.status, run: again.body.status }).toEqual({ status: 202, run: 'RUNNING' });
    expect(await app.end(id)).toMatchObject({ status: 'FAILED', error: 'Llm.RequestRejected', resumes: 1 });
    model.refuse(undefined);
    const replies = await Promise.all([post(id, 'resume'), post(id, 'resume')]);
    expect(replies.map(({ status }) => status)).toContain(202);
    expect(await app.end(id)).toMatchObject({
      status: 'SUCCEEDED',
      resumes: 2,
      output: { count: 1, two: expect.stringMatching(/^answer to R1 second answer to R1 first x/) },
    });
    expect([timesAsked('R1 first'), timesAsked('R1 second')]).toEqual([1, 3]);
    const { executions } = await executionsOf(id);
    expect(executions).toEqual([id, `${id}.r1`, `${id}.r2`]);
  });

  test('in a branch runs its group again, and only what was not recorded is asked', async () => {
    const branch = (name: string) => ({
      nodes: [
        ask(name, `R2 ${name}`),
        { id: `wait-${name}`, type: 'wait', config: { until: '{% $fromMillis($millis() + 20) %}' } },
        ask(`${name}2`, `R2 then ${name}`),
      ],
    });
    const linked = ['left', 'right'].map((name) => {
      const { nodes } = branch(name);
      return { nodes, edges: nodes.slice(1).map((node, index) => ({ from: nodes[index]?.id, to: node.id })) };
    });
    const workflow = chain('group', [
      { id: 'group', type: 'parallel_group', config: { branches: linked } } as JsonObject,
      transform('both', '[left2, right2]'),
    ]);
    model.refuse('R2 then right');
    const { execution_id: id } = await app.start(workflow);
    expect((await app.end(id)).status).toBe('FAILED');
    model.refuse(undefined);
    await post(id, 'resume');
    expect(await app.end(id)).toMatchObject({
      status: 'SUCCEEDED',
      output: { both: ['answer to R2 then left', 'answer to R2 then right'] },
    });
    expect([timesAsked('R2 left'), timesAsked('R2 right'), timesAsked('R2 then left')]).toEqual([1, 1, 1]);
  });

  test('because a person rejected it asks anew', async () => {
    const { execution_id: id } = await app.start(
      chain('review', [
        transform('draft', "'a'"),
        approval({ on_reject: 'fail' }),
        transform('after', 'decision.choice'),
      ]),
    );
    await asksOf(id);
    expect((await post<DecisionReply>(id, 'reject', { comment: 'no' })).status).toBe(200);
    expect(await app.end(id)).toMatchObject({ status: 'FAILED', error: 'Node.Failed' });
    await post(id, 'resume');
    await asksOf(id);
    expect((await post<DecisionReply>(id, 'approve')).status).toBe(200);
    expect(await app.end(id)).toMatchObject({ status: 'SUCCEEDED', output: { after: 'approve' } });
    expect((await approvals(id)).approvals.map(({ decision }) => decision?.choice)).toEqual([
      'reject',
      'approve',
    ]);
  });

  test('cannot be resumed while it runs, once it has succeeded, or by halves', async () => {
    const { execution_id: id } = await app.start(chain('waits', [approval()]));
    await asksOf(id);
    expect(await post<ApiError>(id, 'resume')).toMatchObject({
      status: 409,
      body: { error: { code: 'Run.NotResumable' } },
    });
    await post(id, 'approve');
    await app.end(id);
    expect(await post<ApiError>(id, 'resume')).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/SUCCEEDED/) } },
    });
  });
});

test('a run that was stopped from outside goes on with what it was doing', async () => {
  const { execution_id: id } = await app.start(
    chain('stopped', [transform('draft', "'a'"), approval(), transform('after', 'decision.choice')]),
  );
  await asksOf(id);
  await app.sfn.send(new StopExecutionCommand({ executionArn: execution(id) }));
  expect((await app.end(id)).status).toBe('ABORTED');
  // nobody waits for the answer to that any more
  await app.until(id, async () => (await approvals(id)).approvals.every(({ state }) => state === 'CLOSED'));
  await post(id, 'resume');
  await asksOf(id);
  expect((await post<DecisionReply>(id, 'approve')).status).toBe(200);
  expect(await app.end(id)).toMatchObject({ status: 'SUCCEEDED', output: { after: 'approve' } });
});

test('a decision is told to the run with who made it, a repeat is harmless, and another one is refused', async () => {
  const { execution_id: id } = await app.start(
    chain('decide', [approval({ choices: ['approve', 'later', 'reject'] }), transform('after', 'decision')]),
  );
  const [open] = await asksOf(id);
  expect(open).toMatchObject({
    node_id: 'review',
    message: 'Is it good?',
    choices: ['approve', 'later', 'reject'],
    decision: null,
  });
  expect(await post<ApiError>(id, 'approve', { choice: 'maybe' })).toMatchObject({
    status: 400,
    body: { error: { code: 'Approval.ChoiceUnknown' } },
  });
  const body = { choice: 'later', comment: 'tomorrow', data: { day: 2 } };
  const { status, body: reply } = await post<DecisionReply>(id, 'approve', body);
  expect({ status, valid: validateDecisionReply(reply) || validateDecisionReply.errors }).toEqual({
    status: 200,
    valid: true,
  });
  expect(await post<DecisionReply>(id, 'approve', body)).toMatchObject({
    status: 200,
    body: { repeated: true },
  });
  expect(await post<ApiError>(id, 'reject')).toMatchObject({
    status: 409,
    body: { error: { code: 'Approval.AlreadyDecided', message: expect.stringMatching(/ada/) } },
  });
  expect((await app.end(id)).output).toMatchObject({
    after: { choice: 'later', comment: 'tomorrow', data: { day: 2 }, by: 'ada' },
  });
  const listed = await approvals(id);
  expect(validateApprovalList(listed) || validateApprovalList.errors).toBe(true);
  expect(JSON.stringify(listed)).not.toMatch(/token/);
  const { body: all } = await app.call<ApprovalPage>('GET', '/approvals');
  expect(validateApprovalPage(all) || validateApprovalPage.errors).toBe(true);
  expect(all.approvals).toContainEqual({
    execution_id: id,
    workflow_id: 'test',
    approval: listed.approvals[0],
  });
  expect((await app.call<ApprovalPage>('GET', '/approvals', { as: 'mallory' })).body.approvals).toEqual([]);
});

describe('a run that is cancelled', () => {
  test('stops with all its children, asks no model again, and refuses late answers and a resume', async () => {
    const slow = (name: string) => ({
      id: `each-${name}`,
      type: 'for_each',
      output_key: name,
      config: {
        items: '{% [1..4000] %}',
        expected_items: 5,
        max_concurrency: 1,
        body: { nodes: [ask(`item-${name}`, `C1 ${name} {{ $item }}`)] },
      },
    });
    const pauses = (name: string) => ({
      id: `wait-${name}`,
      type: 'wait',
      config: { until: '{% $fromMillis($millis() + 20) %}' },
    });
    const branch = (name: string, inner: object) => {
      const nodes = [pauses(name), inner as { id: string }];
      return { nodes, edges: [{ from: nodes[0]?.id, to: nodes[1]?.id }] };
    };
    const nested = {
      id: 'nested',
      type: 'parallel_group',
      config: {
        branches: [branch('deep', slow('deep')), branch('deep2', { ...approval(), id: 'deep-review' })],
      },
    };
    const group = {
      id: 'group',
      type: 'parallel_group',
      config: { branches: [branch('flat', slow('flat')), branch('outer', nested)] },
    } as JsonObject;
    const { execution_id: id } = await app.start(chain('cancelled', [group]));
    await asksOf(id);
    await model.reached(model.asked.length + 4);
    const { status, body } = await post(id, 'cancel');
    const atCancel = model.asked.length;
    expect({ status, id: body.execution_id }).toEqual({ status: 202, id });
    expect(await app.end(id)).toMatchObject({ status: 'CANCELLED', error: 'Run.Cancelled' });
    expect(await endsBelow(execution(id))).toEqual(new Set(['stopped']));
    await settled(() => model.asked.length);
    // calls one after the other take at least 30 ms; each runner looks once a second
    const SECOND = 1_000 / 30;
    expect(model.asked.length - atCancel).toBeLessThanOrEqual(2 * SECOND + 2);
    expect(await post<ApiError>(id, 'approve')).toMatchObject({
      status: 409,
      body: { error: { code: 'Run.Cancelled' } },
    });
    expect(await post<ApiError>(id, 'resume')).toMatchObject({
      status: 409,
      body: { error: { code: 'Run.NotResumable' } },
    });
    expect((await post(id, 'cancel')).status).toBe(202);
  });

  test('is refused when it has ended before', async () => {
    const { execution_id: id } = await app.start(chain('over', [transform('x', '1')]));
    await app.end(id);
    expect(await post<ApiError>(id, 'cancel')).toMatchObject({
      status: 409,
      body: { error: { code: 'Run.NotResumable' } },
    });
  });
});

test('a run that was recorded and never begun says so when it is resumed', async () => {
  const { execution_id: id } = await app.start(chain('begun', [transform('x', '1')]));
  await app.end(id);
  const client = new DynamoDBClient(app.cloud.clientOptions);
  const runs = openRuns({ client, table: 'statebag-runs-local' });
  const begun = await runs.getRun(executionId(id));
  if (!begun) throw new Error('it was recorded');
  const lost = executionId('lost-between');
  await runs.createRun({ ...begun, execution_id: lost, execution_arns: [execution(lost)] });
  client.destroy();
  expect(await post<ApiError>(lost, 'resume')).toMatchObject({
    status: 409,
    body: {
      error: {
        code: 'Run.NotResumable',
        message: expect.stringContaining('its start broke off: start it again'),
      },
    },
  });
});

async function executionsOf(id: string): Promise<{ executions: string[] }> {
  const names = [id, `${id}.r1`, `${id}.r2`];
  for (const name of names)
    await app.sfn.send(new DescribeExecutionCommand({ executionArn: execution(name) }));
  return { executions: names };
}

/**
 * How all that an execution has started ended. A branch that sees the mark before the service stops it hands
 * its parent the reason, so it is stopped in either way.
 */
async function endsBelow(executionArn: string): Promise<Set<string>> {
  const { events = [] } = await app.sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
  );
  const started = events.flatMap(({ taskSubmittedEventDetails: submitted }) =>
    submitted?.resourceType === 'states' ? [String(JSON.parse(submitted.output ?? '{}').ExecutionArn)] : [],
  );
  const found = new Set<string>();
  for (const arn of started) {
    const { status = '', output } = await app.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    // nothing else fails a branch here
    const sawIt = status === 'SUCCEEDED' && JSON.parse(output ?? '{}').next_action === 'FAILED';
    const stopped = status === 'ABORTED' || sawIt;
    found.add(stopped ? 'stopped' : `${status} ${output ?? ''}`);
    for (const end of await endsBelow(arn)) found.add(end);
  }
  return found;
}

/** Waits until a number has stayed the same for a while. */
async function settled(value: () => number): Promise<void> {
  let [last, same] = [value(), 0];
  while (same < 15) {
    await pause(100);
    same = value() === last ? same + 1 : 0;
    last = value();
  }
}
