import { describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { BranchPath } from '@statebag/contracts/ids';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { TEST_RUN, testLedger } from '../../test/run-in-segments.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import {
  compileWorkflow,
  createProviders,
  type HttpRequest,
  type InvokeFunction,
  readWorkflow,
  runSegment,
} from '../index.ts';

interface Outside {
  readonly http?: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly invoke?: InvokeFunction;
  readonly secret?: (name: string) => Promise<string>;
  readonly store?: ObjectStore;
}

/** Runs one node in a segment of its own. */
async function runNode(
  node: JsonObject,
  { store = new MemoryObjectStore(), ...outside }: Outside,
): Promise<SegmentDraft> {
  const document = {
    name: 'outside',
    initial_state: { order: { id: 7 }, note: 'n' },
    nodes: [{ id: 'call', output_key: 'answer', ...node }],
  };
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'outside.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const { segments, manifest } = compileWorkflow(workflow);
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  // the root of a run
  const run = {
    ...TEST_RUN,
    branch_path: '' as BranchPath,
    loop_counter: 0,
    resume_count: 0,
    cursor: null,
    now: TEST_RUN.start_time,
  };
  const state = Object.fromEntries(
    Object.entries(document.initial_state).filter(([field]) => segment.reads?.includes(field)),
  );
  return runSegment({
    segment,
    state,
    run,
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(store),
    providers: createProviders(),
    ...outside,
  });
}

const apiCall = (config: JsonObject): JsonObject => ({
  type: 'api_call',
  config: { url: 'https://service.example/{{ order.id }}', ...config },
});
const answering = (answer: Partial<HttpAnswer>) => {
  const seen: HttpRequest[] = [];
  const http = async (request: HttpRequest) => {
    seen.push(request);
    return { status: 200, headers: {}, text: '', ...answer };
  };
  return { seen, http };
};

describe('api_call', () => {
  test('sends what the document says, with the ledger’s key', async () => {
    const { seen, http } = answering({});
    await runNode(
      apiCall({ method: 'POST', headers: { 'X-Note': '{{ note }}' }, body: { id: '{% order.id %}' } }),
      { http },
    );
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: 'https://service.example/7',
        headers: { 'x-note': 'n' },
        body: { text: '{"id":7}', type: 'application/json' },
      },
    ]);
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
  });

  const answers: readonly [string, Partial<HttpAnswer>, unknown][] = [
    [
      'parses JSON',
      { headers: { 'content-type': 'application/json; charset=utf-8' }, text: '{"b":1,"a":2}' },
      { a: 2, b: 1 },
    ],
    [
      'parses JSON of a kind of its own',
      { headers: { 'content-type': 'application/problem+json' }, text: '[1]' },
      [1],
    ],
    ['keeps text', { headers: { 'content-type': 'text/plain' }, text: '{"a":1}' }, '{"a":1}'],
    [
      'keeps what only says that it is JSON',
      { headers: { 'content-type': 'application/json' }, text: 'oops' },
      'oops',
    ],
  ];
  for (const [what, answer, body] of answers) {
    test(what, async () => {
      const { delta } = await runNode(apiCall({}), answering(answer));
      expect(delta).toMatchObject([{ op: 'set', field: 'answer', value: { status: 200, body } }]);
    });
  }

  test('fails on 404 and takes it where any status is accepted', async () => {
    expect((await runNode(apiCall({}), answering({ status: 404 }))).error_info).toMatchObject({
      error: 'Http.Refused',
      node_id: 'call',
    });
    expect(
      (await runNode(apiCall({ accept_status: 'any' }), answering({ status: 404 }))).delta,
    ).toMatchObject([{ value: { status: 404 } }]);
  });

  for (const status of [408, 429, 500, 503]) {
    test(`leaves ${status} to the state machine`, async () => {
      await expect(runNode(apiCall({}), answering({ status }))).rejects.toMatchObject({
        name: 'Http.Unavailable',
      });
    });
  }
});

describe('a call that is killed on its way', () => {
  async function killedThenRetried(
    node: JsonObject,
    { fails, works }: { readonly fails: Outside; readonly works: Outside },
  ): Promise<SegmentDraft> {
    const store = new MemoryObjectStore();
    await expect(runNode(node, { ...fails, store })).rejects.toThrow('killed');
    return runNode(node, { ...works, store });
  }
  const dies = async () => Promise.reject(new StatebagError('Store.Unavailable', 'killed'));
  const http = { fails: { http: dies }, works: answering({}) };

  for (const method of ['POST', 'PATCH']) {
    test(`is not sent again with ${method}`, async () => {
      const { status, error_info } = await killedThenRetried(apiCall({ method }), http);
      expect([status, error_info?.error, error_info?.node_id]).toEqual([
        'FAILED',
        'Ledger.OutcomeUnknown',
        'call',
      ]);
    });
  }
  for (const method of ['GET', 'PUT', 'DELETE']) {
    test(`is sent again with ${method}`, async () =>
      expect((await killedThenRetried(apiCall({ method }), http)).status).toBe('COMPLETE'));
  }
  test('is sent again where the node says that repeating is harmless', async () => {
    expect((await killedThenRetried(apiCall({ method: 'POST', on_unknown: 'retry' }), http)).status).toBe(
      'COMPLETE',
    );
  });
  test('is not made again to a function', async () => {
    const node = { type: 'lambda', config: { function_arn: 'arn:f' } };
    const { error_info } = await killedThenRetried(node, {
      fails: { invoke: dies },
      works: { invoke: async () => 1 },
    });
    expect(error_info?.error).toBe('Ledger.OutcomeUnknown');
  });
});

describe('lambda', () => {
  const called: InvokeFunction = async ({ function_arn, event, timeout_ms }) => ({
    function_arn,
    event,
    timeout_ms,
  });

  test('gets exactly the fields it reads', async () => {
    const { delta } = await runNode(
      { type: 'lambda', reads: ['order'], config: { function_arn: 'arn:f' } },
      { invoke: called },
    );
    expect(delta).toMatchObject([
      { value: { function_arn: 'arn:f', event: { order: { id: 7 } }, timeout_ms: 60_000 } },
    ]);
  });

  test('gets its payload where there is one', async () => {
    const { delta } = await runNode(
      { type: 'lambda', config: { function_arn: 'arn:f', payload: { id: '{% order.id %}' } } },
      { invoke: called },
    );
    expect(delta).toMatchObject([{ value: { event: { id: 7 } } }]);
  });

  describe('with a secret in its payload', () => {
    const SECRET = 'q7Zp2LmXv9';
    const node = {
      type: 'lambda',
      config: {
        function_arn: 'arn:f',
        payload: { pin: "{% $secret('pin') %}", key: "{{ $secret('key') }}" },
      },
    };
    const secret = async (name: string) => (name === 'pin' ? '48151623' : SECRET);

    test('sends the value, and keeps an answer that repeats it without', async () => {
      const store = new MemoryObjectStore();
      const seen: unknown[] = [];
      const invoke: InvokeFunction = async ({ event }) => {
        seen.push(event);
        return { event, said: [`key ${SECRET}`, 48151623], [SECRET]: 1 };
      };
      const { delta } = await runNode(node, { invoke, secret, store });
      expect(seen).toEqual([{ pin: '48151623', key: SECRET }]);
      expect(delta).toMatchObject([
        {
          value: {
            event: { pin: '(secret)', key: '(secret)' },
            said: ['key (secret)', '(secret)'],
            '(secret)': 1,
          },
        },
      ]);
      for (const uri of store.uris())
        expect(Buffer.from((await store.get(uri)).body).toString()).not.toMatch(/q7Zp2LmXv9|48151623/);
    });

    test('fails without the value', async () => {
      const invoke: InvokeFunction = async () => {
        throw new StatebagError('Function.Failed', `arn:f failed: bad key ${SECRET}`, {
          details: { end: 'answered' },
        });
      };
      const { error_info } = await runNode(node, { invoke, secret });
      expect(error_info?.message).toContain('bad key (secret)');
      expect(JSON.stringify(error_info)).not.toContain(SECRET);
    });
  });

  test('fails where the deployment cannot call functions', async () => {
    expect(
      (await runNode({ type: 'lambda', config: { function_arn: 'arn:f' } }, {})).error_info,
    ).toMatchObject({ error: 'Node.Failed', node_id: 'call' });
  });
});
