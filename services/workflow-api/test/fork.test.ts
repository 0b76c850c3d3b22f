import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { ApiError, RunView } from '@statebag/contracts/schemas/api';
import type { ForkReply } from '@statebag/contracts/schemas/fork-request';
import { validateForkReply } from '@statebag/contracts/validators';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';
import { ApiTestApp, chain } from './api-app.ts';

const BUCKET = 'statebag-test';
let app: ApiTestApp;
let model: ModelServer;
beforeAll(async () => {
  model = await modelServer();
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
const triage = (name: string, last: string): JsonObject =>
  chain(
    name,
    [ask('first', `${name} first`), ask('second', `${name} second`), ask('last', `${name} ${last}`)],
    { llm_per_segment: 1 },
  );
const asked = (part: string) => model.asked.filter((prompt) => prompt.startsWith(part)).length;

async function fork<Body = ForkReply>(
  id: string,
  body: object = {},
  { key, as }: { readonly key?: string; readonly as?: string } = {},
) {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return app.call<Body>('POST', `/runs/${id}/fork`, { body, headers, ...(as !== undefined && { as }) });
}

test('a fork of an edited workflow makes the edited call alone, and says so beforehand', async () => {
  const { execution_id: id } = await app.start(triage('F1', 'sum up'));
  await app.end(id);
  const plan = await fork(id, { workflow: triage('F1', 'shortly'), dry_run: true });
  expect(plan).toMatchObject({
    status: 200,
    body: {
      fork: null,
      plan: { forked_from: id, begins_at: 's03-last', shared_results: 2, changed: ['last'] },
    },
  });
  expect(plan.body.plan.nodes).toMatchObject([{ node_id: 'last', fate: 'repeats' }]);
  const begun = await fork(id, { workflow: triage('F1', 'shortly') }, { key: 'k1' });
  expect(begun.status).toBe(201);
  expect(validateForkReply(begun.body)).toBe(true);
  const forked = begun.body.fork?.execution_id ?? '';
  expect(await app.end(forked)).toMatchObject({ status: 'SUCCEEDED' });
  expect([asked('F1 first'), asked('F1 second'), asked('F1')]).toEqual([1, 1, 4]);
  // the same request is the same fork, another one under its key is refused
  const again = await fork(id, { workflow: triage('F1', 'shortly') }, { key: 'k1' });
  expect(again.body.fork?.execution_id).toBe(forked);
  const other = await fork<ApiError>(id, { set: { first: 'given' } }, { key: 'k1' });
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'Run.Conflict' } } });
  expect(asked('F1')).toBe(4);
});

test('a failed run goes on with a workflow that was published before, and stays as it is', async () => {
  model.refuse('F2 wrong');
  const { execution_id: id } = await app.start(triage('F2', 'wrong'));
  expect(await app.end(id)).toMatchObject({ status: 'FAILED', error: 'Llm.RequestRejected' });
  const { definition_id, execution_id } = await app.start(triage('F2', 'right'));
  await app.end(execution_id);
  const before = asked('F2');
  const { body } = await fork(id, { definition_id });
  expect(body.plan.nodes).toMatchObject([{ node_id: 'last', fate: 'repeats' }]);
  expect(await app.end(body.fork?.execution_id ?? '')).toMatchObject({ status: 'SUCCEEDED' });
  expect(asked('F2')).toBe(before + 1);
  const { body: parent } = await app.call<RunView>('GET', `/runs/${id}`);
  expect(parent).toMatchObject({ status: 'FAILED', resumes: 0 });
});

test('fields that are set are what the fork begins with, also large ones', async () => {
  const text = 'long '.repeat(20_000);
  const reads = chain('F3', [
    ask('first', 'F3 first'),
    { id: 'end', type: 'data_transform', output_key: 'length', config: { transform: '{% $length(note) %}' } },
  ]);
  const { execution_id: id } = await app.start({ ...reads, initial_state: { note: '' } });
  await app.end(id);
  const { body } = await fork(id, { set: { note: text } });
  const ended = await app.end(body.fork?.execution_id ?? '');
  expect(ended.output).toMatchObject({ length: text.length });
  expect(asked('F3')).toBe(1);
});

test('an edit of what a run begins with leaves alone what its input gave, also by an upload', async () => {
  const begins = (a: number, b: number): JsonObject => ({
    ...chain('F4', [
      { id: 'sum', type: 'operator', config: { set: { sum: '{% a + b + $length(text) %}' } } },
    ]),
    initial_state: { a, b, text: 'long '.repeat(10_000 * a) },
  });
  const content = JSON.stringify({ b: 1 });
  await app.call('POST', '/uploads', {
    body: { name: 'f4.json', content, content_type: 'application/json' },
  });
  const started = await app.call<RunView>('POST', '/runs', {
    body: { workflow_id: 'test', workflow: begins(1, 1), upload: 'f4.json' },
  });
  const { execution_id: id } = started.body;
  await app.end(id);
  const { body } = await fork(id, { workflow: begins(2, 10) });
  const ended = await app.end(body.fork?.execution_id ?? '');
  expect(ended.output).toMatchObject({ a: 2, b: 1, sum: 100_003 });
});

test('a run whose objects have expired is not forked where they are needed', async () => {
  const begins = (text: string): JsonObject => ({
    ...chain('F7', [{ id: 'sum', type: 'operator', config: { set: { sum: '{% $length(text) %}' } } }]),
    initial_state: { text: text.repeat(10_000) },
  });
  const { execution_id: id } = await app.start(begins('long '));
  await app.end(id);
  const s3 = new S3Client({ ...app.cloud.clientOptions, forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'runs/' }));
  const kept = Contents.flatMap(({ Key = '' }) => (Key.includes(`/${id}/`) ? [Key] : []));
  expect(kept).not.toEqual([]);
  for (const Key of kept) await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
  s3.destroy();
  const refused = await fork<ApiError>(id, { workflow: begins('other ') });
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'Run.NotForkable' } } });
  expect(refused.body.error.message).toContain('what it kept is gone');
});

test('what cannot be forked so is refused, and says why', async () => {
  const { execution_id: id } = await app.start(triage('F5', 'end'));
  await app.end(id);
  const refusals: [object, number, string][] = [
    [{}, 409, 'Run.NotForkable'],
    [{ at: 'nowhere' }, 409, 'Run.NotForkable'],
    [{ workflow: { name: 'x' } }, 400, 'Workflow.Invalid'],
    [{ definition_id: 'a'.repeat(64) }, 404, 'Definition.NotFound'],
    [{ workflow: triage('F5', 'x'), definition_id: 'a'.repeat(64) }, 400, 'Contract.EventRejected'],
    [{ retry: true }, 400, 'Contract.EventRejected'],
  ];
  for (const [body, status, code] of refusals)
    expect(await fork<ApiError>(id, body)).toMatchObject({ status, body: { error: { code } } });
});

test('a run of somebody else does not exist', async () => {
  const { execution_id: id } = await app.start(triage('F6', 'end'));
  const refused = await fork<ApiError>(id, { set: { a: 1 } }, { as: 'eve' });
  expect(refused).toMatchObject({ status: 404, body: { error: { code: 'Run.NotFound' } } });
});
