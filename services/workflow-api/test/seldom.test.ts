import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { executionId, ownerId } from '@statebag/contracts/ids';
import { ledgerUri, parseS3Uri } from '@statebag/contracts/object-keys';
import type {
  ApprovalList,
  ApprovalPage,
  CallPage,
  DecisionReply,
  HistoryPage,
  RunTrace,
  RunView,
  StateView,
} from '@statebag/contracts/schemas/api';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { validateCallPage } from '@statebag/contracts/validators';
import { sha256Of } from '@statebag/state-core';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { compileWorkflow, publishDefinition, readDocument } from '@statebag/workflow';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';
import { ApiTestApp, chain, transform } from './api-app.ts';
import { everyRequestIsAnswered } from './laws/any-request.ts';

const KEY = '/statebag/local/seldom-key';
const SHOP = 'arn:aws:lambda:us-east-1:000000000000:function:shop';
const SHADOW_MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-shadow-local';
/** More than a question, a history and an answer keep inline. */
const LONG = 'long '.repeat(7_000);

const BUCKET = 'statebag-test';

let app: ApiTestApp;
let model: ModelServer;
let lambda: LambdaClient;
beforeAll(async () => {
  model = await modelServer();
  app = await ApiTestApp.open({ llmBaseUrl: model.url, llmApiKeyParameter: KEY, lambdaNodeArn: SHOP });
  lambda = new LambdaClient(app.cloud.clientOptions);
  const ssm = new SSMClient(app.cloud.clientOptions);
  await ssm.send(new PutParameterCommand({ Name: KEY, Value: 'a-key', Type: 'SecureString' }));
  ssm.destroy();
  const config = { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} };
  const settings = app.cloud.functions.registry.settings('statebag-workflow-api-local-listRuns');
  await app.cloud.functions.deploy({
    name: 'shop',
    bundle: Buffer.from('exports.handler = async ({ item }) => ({ sold: item })'),
    config,
    settings,
  });
});
afterAll(async () => {
  lambda.destroy();
  await app.close();
  await model.close();
});

const ask = (id: string, prompt: string, config: JsonObject = {}): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { provider: 'openai-compatible', model: 'echo', prompt, ...config },
});
const approval = (message: string): JsonObject => ({
  id: 'review',
  type: 'human_approval',
  output_key: 'decision',
  config: { message },
});
const buy = (id: string, item: string): JsonObject => ({
  id,
  type: 'lambda',
  output_key: id,
  config: { function_arn: SHOP, payload: { item } },
});
const each = (id: string, node: JsonObject): JsonObject => ({
  id,
  type: 'for_each',
  output_key: id,
  config: { items: '{% [1..3] %}', distributed: 'map_reduce', body: { nodes: [node] } },
});

async function invoke<Reply>(name: string, event: object): Promise<Reply> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  const reply = JSON.parse(Payload?.transformToString() ?? 'null');
  if (FunctionError !== undefined) throw new Error(JSON.stringify(reply));
  return reply;
}

async function asked(id: string): Promise<ApprovalList['approvals'][number]> {
  for (;;) {
    const [first] = (await app.call<ApprovalList>('GET', `/runs/${id}/approvals`)).body.approvals;
    if (first) return first;
    await app.until(id, () => true);
  }
}

/** As a run leaves behind that asked nobody. */
async function keepNoDecisions(
  s3: S3Client,
  { bucket: Bucket, key: Key }: ReturnType<typeof parseS3Uri>,
): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: '[]' }));
}

describe('what is too long to stay inline is read back through the API', () => {
  test('a question and its answer', async () => {
    for (const verb of ['approve', 'reject']) {
      const { execution_id: id } = await app.start(
        chain('long', [approval('{{ text }}'), transform('told', 'decision.data')]),
        { text: LONG },
      );
      expect((await asked(id)).message).toBe(LONG);
      const { body: all } = await app.call<ApprovalPage>('GET', '/approvals');
      expect(all.approvals.find(({ execution_id }) => execution_id === id)?.approval.message).toBe(LONG);
      const { body: stands } = await app.call<StateView>('GET', `/runs/${id}/state?field=text`);
      expect(stands.fields).toMatchObject([{ name: 'text', stored: true, value: LONG }]);
      const decided = await app.call<DecisionReply>('POST', `/runs/${id}/${verb}`, {
        body: { data: `${verb} ${LONG}` },
      });
      expect({ status: decided.status, message: decided.body.approval.message }).toEqual({
        status: 200,
        message: LONG,
      });
      expect((await app.end(id)).output).toMatchObject({ text: LONG, told: `${verb} ${LONG}` });
    }
  });

  test('a history of two hundred nodes, in order', async () => {
    const nodes = Array.from({ length: 200 }, (_, index) => transform(`n${index}`, String(index)));
    const { execution_id: id } = await app.start(chain('many', nodes));
    expect((await app.end(id)).status).toBe('SUCCEEDED');
    const { body } = await app.call<HistoryPage>('GET', `/runs/${id}/history?limit=10`);
    expect(body.entries.map(({ node_id }) => node_id)).toEqual(
      nodes.slice(0, 10).map(({ id: node }) => node),
    );
  });
});

test('a run of the first generation is cancelled like any other', async () => {
  const body = { workflow_id: 'test', generation: 'legacy', workflow: chain('old', [approval('Go on?')]) };
  const { execution_id: id } = (await app.call<RunView>('POST', '/runs', { body })).body;
  await asked(id);
  expect((await app.call('POST', `/runs/${id}/cancel`, { body: {} })).status).toBe(202);
  expect(await app.end(id)).toMatchObject({ status: 'CANCELLED', generation: 'legacy' });
  const { body: trace } = await app.call<RunTrace>('GET', `/runs/${id}/trace`);
  expect(trace.executions[0]?.end?.status).toBe('ABORTED');
  expect((await app.call<StateView>('GET', `/runs/${id}/state`)).status).toBe(200);
});

test('a bag of the first generation that is too large leaves its state in S3, and is answered all the same', async () => {
  const state_data = {
    execution_id: 'seldom-1',
    owner_id: 'ada',
    workflow_id: 'w',
    current_state: Object.fromEntries([...'abcdef'].map((field) => [field, field.repeat(25_000)])),
  };
  const loaded = await invoke<JsonObject>('statebag-state-data-manager-local-loadLatestState', {
    state_data,
  });
  expect(loaded['current_state']).toMatchObject({ __s3_offloaded: true });
  const callback_result = { choice: 'approve', more: 'm'.repeat(40_000) };
  const merged = await invoke<JsonObject>('statebag-state-data-manager-local-mergeCallback', {
    state_data: loaded,
    callback_result,
  });
  expect(merged).toMatchObject({
    current_state: { __s3_offloaded: true },
    last_hitp_response: { type: 's3_reference' },
  });
});

test('a key that lies in a parameter is used by every function that asks a model, and a function by every one that may call it', async () => {
  const nodes = [
    ask('one', 'K one'),
    ask('slow', 'K slow', { async: true }),
    each('asked', ask('item', 'K {{ $item }}')),
    buy('bought', 'tea'),
    each('sold', buy('buy', '{% $item %}')),
  ];
  const { execution_id: id } = await app.start(chain('keys', nodes));
  expect(await app.end(id)).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      one: 'answer to K one',
      slow: 'answer to K slow',
      asked: ['answer to K 1', 'answer to K 2', 'answer to K 3'],
      sold: [{ sold: 1 }, { sold: 2 }, { sold: 3 }],
    },
  });
  const { body: all } = await app.call<CallPage>('GET', `/runs/${id}/calls`);
  expect(validateCallPage(all) || validateCallPage.errors).toBe(true);
  expect({ calls: all.calls.length, next: all.next }).toEqual({ calls: 9, next: null });
  const { body: items } = await app.call<CallPage>('GET', `/runs/${id}/calls?node=item`);
  expect(
    items.calls.map(({ place, asked, result }) => [place?.item, asked?.['prompt'], result]).sort(),
  ).toEqual(
    ['0', '1', '2'].map((item) => [
      item,
      `K ${Number(item) + 1}`,
      { answer: `answer to K ${Number(item) + 1}` },
    ]),
  );
});

describe('a replay that asks what its run did not ask ends as a miss, and nothing is asked:', () => {
  test.each([
    ['a person', approval('Go on?')],
    ['a model, of a worker', ask('slow', 'never', { async: true })],
  ])('%s', async (_, node) => {
    const { workflow } = readDocument(chain('replayed', [node]), { file: 'w' });
    if (!workflow) throw new Error('not a workflow');
    const compiled = compileWorkflow(workflow);
    const { definition_id } = compiled;
    const place = {
      bucket: BUCKET,
      owner_id: ownerId('shadow.ada'),
      execution_id: executionId(`replay-${String(node['id'])}`),
    };
    const { owner_id, execution_id } = place;
    const s3 = new S3Client({ ...app.cloud.clientOptions, forcePathStyle: true });
    await publishDefinition(compiled, place, s3ObjectStore(s3));
    await keepNoDecisions(s3, parseS3Uri(ledgerUri(place, sha256Of('decisions'), 'record')));
    s3.destroy();
    const input = JSON.stringify({
      schema_version: SCHEMA_VERSION,
      owner_id,
      workflow_id: 'test',
      definition_id,
      execution_id,
      input: {},
    });
    const { executionArn } = await app.sfn.send(
      new StartExecutionCommand({ stateMachineArn: SHADOW_MACHINE, name: execution_id, input }),
    );
    let ended = await app.sfn.send(new DescribeExecutionCommand({ executionArn }));
    while (ended.status === 'RUNNING')
      ended = await app.sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Ledger.ShadowMiss' });
    expect(model.asked).not.toContain('never');
  });
});

/** `npm run laws -- api-requests` asks 1,000 times. */
test('whatever is asked, the API refuses in its own words or does it', async () => {
  const { execution_id } = await app.start(chain('asked', [transform('x', '1')]));
  await app.end(execution_id);
  await everyRequestIsAnswered(app, { known: [execution_id, 'test'], cases: 60 });
});
