import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ApiError,
  ApprovalList,
  HistoryPage,
  RunDefinition,
  RunList,
  RunTrace,
  RunView,
  StateView,
  UploadReply,
} from '@statebag/contracts/schemas/api';
import {
  validateHistoryPage,
  validateRunDefinition,
  validateRunDetail,
  validateRunList,
  validateRunTrace,
  validateRunView,
  validateStateView,
} from '@statebag/contracts/validators';
import { ApiTestApp, chain, transform } from './api-app.ts';

let app: ApiTestApp;
beforeAll(async () => {
  app = await ApiTestApp.open();
});
afterAll(() => app.close());

const HELLO = chain('hello', [transform('greeting', "'Hello ' & name")]);
const key = (value: string) => ({ 'idempotency-key': value });
const start = (input: object, headers = {}) =>
  app.call<RunView>('POST', '/runs', { body: { workflow_id: 'hello', workflow: HELLO, input }, headers });

describe('a start', () => {
  test('is told as it begins and as it ends, with output and history', async () => {
    const { status, body: run } = await start({ name: 'Ada' });
    expect({ status, run: validateRunView(run) || validateRunView.errors }).toEqual({
      status: 201,
      run: true,
    });
    const ended = await app.end(run.execution_id);
    expect(validateRunDetail(ended) || validateRunDetail.errors).toBe(true);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      workflow_id: 'hello',
      generation: 'v3',
      output: { name: 'Ada', greeting: 'Hello Ada' },
      resumes: 0,
    });
    const history = (await app.call<HistoryPage>('GET', `/runs/${run.execution_id}/history`)).body;
    expect(validateHistoryPage(history) || validateHistoryPage.errors).toBe(true);
    expect(history).toMatchObject({ entries: [{ node_id: 'greeting', status: 'SUCCEEDED' }], next: null });
    expect((await app.call<ApprovalList>('GET', `/runs/${run.execution_id}/approvals`)).body).toEqual({
      approvals: [],
    });
  });

  test('is told state by state, with the bag after each of them and the workflow it follows', async () => {
    const { execution_id: id } = (await start({ name: 'Ada' })).body;
    await app.end(id);
    const { body: trace } = await app.call<RunTrace>('GET', `/runs/${id}/trace`);
    expect(validateRunTrace(trace) || validateRunTrace.errors).toBe(true);
    const [execution] = trace.executions;
    expect(execution).toMatchObject({ name: id, parent: null, end: { status: 'SUCCEEDED' } });
    const sealed = execution?.states.filter(({ sealed }) => sealed) ?? [];
    expect(sealed.map(({ state }) => state)).toEqual(['InitializeStateBag']);
    const at = (event?: number | null) => `/runs/${id}/state?at=${id}~${event}`;
    const { body: begun } = await app.call<StateView>('GET', at(sealed[0]?.exit_event));
    expect(validateStateView(begun) || validateStateView.errors).toBe(true);
    expect(begun.fields).toMatchObject([
      { name: 'name', bytes: 5, bag_bytes: 5, stored: false, value: 'Ada' },
      { name: 'greeting', value: 'Hello Ada' },
    ]);
    const { body: before } = await app.call<StateView>('GET', at(sealed[0]?.event));
    expect(before).toMatchObject({ segment_id: null, fields: [{ name: 'name', value: 'Ada' }] });
    expect(before.fields).toHaveLength(1);
    const { body: field } = await app.call<StateView>('GET', `/runs/${id}/state?field=greeting`);
    expect(field.fields).toMatchObject([{ name: 'greeting', value: 'Hello Ada' }]);
    const { body: definition } = await app.call<RunDefinition>('GET', `/runs/${id}/definition`);
    expect(validateRunDefinition(definition) || validateRunDefinition.errors).toBe(true);
    expect(definition.workflow).toMatchObject({ name: 'hello' });
  });

  test('does not lead to a bag of another run, or to none', async () => {
    const { execution_id: other } = (await start({ name: 'Eve' })).body;
    const { execution_id: id } = (await start({ name: 'Ada' })).body;
    await Promise.all([app.end(other), app.end(id)]);
    const { body: trace } = await app.call<RunTrace>('GET', `/runs/${other}/trace`);
    const event = trace.executions[0]?.states.find(({ sealed }) => sealed)?.exit_event;
    for (const at of [`${other}~${event}`, `${id}~1`, 'nobody~3', '../x~1', ''])
      expect(await app.call('GET', `/runs/${id}/state?at=${encodeURIComponent(at)}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'Contract.EventRejected' } },
      });
    for (const path of ['trace', 'state', 'definition', 'calls'])
      expect((await app.call('GET', `/runs/${id}/${path}`, { as: 'mallory' })).status).toBe(404);
  });

  test('with one key is one run, however often and however many at once it comes', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => start({ name: 'Bo' }, key('k-1'))));
    expect(replies.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 19 }, () => 200),
      201,
    ]);
    expect(new Set(replies.map(({ body }) => body.execution_id)).size).toBe(1);
    const [first] = replies;
    expect(first?.body.execution_id).toMatch(/^[a-z2-7]{52}$/);
    const id = String(first?.body.execution_id);
    expect((await app.end(id)).output).toMatchObject({ greeting: 'Hello Bo' });
    expect((await start({ name: 'Bo' }, key('k-1'))).body.execution_id).toBe(id);
  });

  test('under a key that stands for something else is a conflict, and for another owner or workflow a run of its own', async () => {
    const { body: first } = await start({ name: 'Cy' }, key('k-2'));
    const other = await app.call<ApiError>('POST', '/runs', {
      body: { workflow_id: 'hello', workflow: HELLO, input: { name: 'Di' } },
      headers: key('k-2'),
    });
    expect({ status: other.status, code: other.body.error.code }).toEqual({
      status: 409,
      code: 'Run.Conflict',
    });
    const changed = chain('hello', [transform('greeting', "'Bye ' & name")]);
    const bye = await app.call<ApiError>('POST', '/runs', {
      body: { workflow_id: 'hello', workflow: changed, input: { name: 'Cy' } },
      headers: key('k-2'),
    });
    expect({ status: bye.status, code: bye.body.error.code }).toEqual({ status: 409, code: 'Run.Conflict' });
    const body = { workflow_id: 'hello', workflow: HELLO, input: { name: 'Cy' } };
    const hers = await app.call<RunView>('POST', '/runs', { as: 'eve', body, headers: key('k-2') });
    const elsewhere = await app.call<RunView>('POST', '/runs', {
      body: { ...body, workflow_id: 'other' },
      headers: key('k-2'),
    });
    expect(new Set([first, hers.body, elsewhere.body].map(({ execution_id }) => execution_id)).size).toBe(3);
  });

  test('from a definition that was published before needs no document; an unknown one is refused', async () => {
    const { definition_id } = (await start({ name: 'x' })).body;
    const again = await app.call<RunView>('POST', '/runs', {
      body: { workflow_id: 'hello', definition_id, input: { name: 'Ed' } },
    });
    expect((await app.end(again.body.execution_id)).output).toMatchObject({ greeting: 'Hello Ed' });
    const body = { workflow_id: 'hello', definition_id };
    const foreign = await app.call<ApiError>('POST', '/runs', { as: 'eve2', body });
    expect({ status: foreign.status, code: foreign.body.error.code }).toEqual({
      status: 404,
      code: 'Definition.NotFound',
    });
  });

  test('takes an input that no start event could hold', async () => {
    const rows = Array.from({ length: 4_000 }, (_, row) => ({
      row,
      note: `a note of some length about row ${row}, so that there is much of it`,
    }));
    const workflow = chain('large', [
      transform('count', '$count(rows)'),
      { id: 'out', type: 'output', config: { fields: ['count'] } },
    ]);
    const run = await app.start(workflow, { rows }, key('large'));
    expect(await app.end(run.execution_id)).toMatchObject({ status: 'SUCCEEDED', output: { count: 4_000 } });
  });

  test('takes an upload as its input, stored at once or by its signed address', async () => {
    const small = await app.call<UploadReply>('POST', '/uploads', {
      body: { name: 'in/small.json', content: '{"name":"Flo"}' },
    });
    expect(small).toEqual({ status: 201, body: { upload: 'in/small.json', url: null, expires_at: null } });
    const large = await app.call<UploadReply>('POST', '/uploads', { body: { name: 'in/large.json' } });
    const put = await fetch(String(large.body.url), {
      method: 'PUT',
      body: '{"name":"Gus"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBe(200);
    for (const [upload, greeting] of [
      [small.body.upload, 'Hello Flo'],
      [large.body.upload, 'Hello Gus'],
    ]) {
      const run = await app.call<RunView>('POST', '/runs', {
        body: { workflow_id: 'hello', workflow: HELLO, upload },
      });
      expect((await app.end(run.body.execution_id)).output).toMatchObject({ greeting });
    }
    const foreign = await app.call<ApiError>('POST', '/runs', {
      as: 'eve',
      body: { workflow_id: 'hello', workflow: HELLO, upload: 'in/small.json' },
    });
    expect({ status: foreign.status, message: foreign.body.error.message }).toEqual({
      status: 400,
      message: expect.stringMatching(/no upload "in\/small.json"/),
    });
  });
});

test('runs are listed newest first, page by page, and an owner sees no other’s', async () => {
  const ids: string[] = [];
  for (const name of ['1', '2', '3']) {
    const { body } = await app.call<RunView>('POST', '/runs', {
      as: 'lister',
      body: { workflow_id: 'hello', workflow: HELLO, input: { name } },
    });
    ids.push(body.execution_id);
  }
  const first = await app.call<RunList>('GET', '/runs?limit=2', { as: 'lister' });
  expect(validateRunList(first.body) || validateRunList.errors).toBe(true);
  const second = await app.call<RunList>('GET', `/runs?limit=2&next=${first.body.next}`, { as: 'lister' });
  expect([...first.body.runs, ...second.body.runs].map(({ execution_id }) => execution_id)).toEqual(
    ids.reverse(),
  );
  expect(second.body.next).toBeNull();
  const [id] = ids;
  const routes = [
    `GET /runs/${id}`,
    `GET /runs/${id}/history`,
    `GET /runs/${id}/approvals`,
    ...['approve', 'reject', 'cancel', 'resume'].map((verb) => `POST /runs/${id}/${verb}`),
  ];
  for (const route of routes) {
    const [method = '', target = ''] = route.split(' ');
    const { status, body } = await app.call<ApiError>(method, target, {
      as: 'eve',
      ...(method === 'POST' && { body: {} }),
    });
    expect({ route, status, code: body.error.code }).toEqual({ route, status: 404, code: 'Run.NotFound' });
  }
});

const START = { workflow_id: 'hello', workflow: HELLO };
const BAD: [string, string, unknown, number, RegExp][] = [
  ['no JSON', 'POST /runs', '{', 400, /not JSON/],
  ['an unknown field', 'POST /runs', { ...START, colour: 'red' }, 400, /colour/],
  ['no workflow', 'POST /runs', { workflow_id: 'hello' }, 400, /one of definition_id and workflow/],
  ['input and upload', 'POST /runs', { ...START, input: {}, upload: 'a' }, 400, /one of input and upload/],
  ['a test switch in the input', 'POST /runs', { ...START, input: { MOCK_MODE: true } }, 400, /MOCK_MODE/],
  ['a generation that is not there', 'POST /runs', { ...START, generation: 'v9' }, 400, /generation/],
  ['an upload name that climbs', 'POST /uploads', { name: 'a/../b' }, 400, /name/],
  ['a limit over the most', 'GET /runs?limit=101', undefined, 400, /from 1 to 100/],
  ['a next of one’s own making', 'GET /runs?next=zzz', undefined, 400, /next/],
  [
    'a body that is too large',
    'POST /runs',
    { ...START, input: { x: 'y'.repeat(4_200_000) } },
    413,
    /4194304/,
  ],
  ['a run id that is none', 'GET /runs/a%2Fb', undefined, 404, /no run/],
];

describe('a request is refused with what to do about it, for', () => {
  test.each(BAD)('%s', async (_name, route, body, status, words) => {
    const [method = '', target = ''] = route.split(' ');
    const reply = await app.call<ApiError>(method, target, { ...(body !== undefined && { body }) });
    expect({ status: reply.status, message: reply.body.error.message }).toEqual({
      status,
      message: expect.stringMatching(words),
    });
    expect(reply.body.error.mend).not.toBe('');
  });

  test('a workflow with mistakes, each named with its place', async () => {
    const workflow = {
      ...HELLO,
      nodes: [
        { id: 'a', type: 'teleport' },
        { id: 'b', type: 'llm_chat', config: {} },
      ],
    };
    const { status, body } = await app.call<ApiError>('POST', '/runs', {
      body: { workflow_id: 'hello', workflow },
    });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'Workflow.Invalid' });
    expect(body.error.diagnostics?.length).toBeGreaterThan(1);
  });

  test('no checked token', async () => {
    const { status, body } = await app.invoke<ApiError>('listRuns', {
      routeKey: 'GET /runs',
      requestContext: {},
    });
    expect({ status, code: body.error.code }).toEqual({ status: 401, code: 'Api.Unauthenticated' });
  });

  test('an idempotency key with spaces', async () => {
    expect((await start({}, key('a b'))).status).toBe(400);
  });
});
