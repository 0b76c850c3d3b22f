import { describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { BranchPath } from '@statebag/contracts/ids';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { runInSegments, runOne, TEST_RUN, testLedger } from '../../test/run-in-segments.ts';
import {
  type CompiledWorkflow,
  compileWorkflow,
  createProviders,
  type LlmProviders,
  readWorkflow,
  runSegment,
} from '../index.ts';

function compiled(nodes: readonly JsonObject[], more: JsonObject = {}): CompiledWorkflow {
  const { workflow, diagnostics } = readWorkflow(
    JSON.stringify({ name: 'test', initial_state: { x: 1 }, nodes, ...more }),
    {
      file: 'test.json',
    },
  );
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

const transform = (id: string, source: string): JsonObject => ({
  id,
  type: 'data_transform',
  output_key: id,
  config: { transform: source },
});
const answering =
  (complete: Awaited<ReturnType<LlmProviders>>['complete']): LlmProviders =>
  async () => ({ complete });
const run = (workflow: CompiledWorkflow, providers = createProviders()) =>
  runInSegments(workflow, { input: {}, providers });

describe('a list', () => {
  const body = { nodes: [transform('y', "{% $item = 2 ? $error('two') : $item %}")] };
  const list = (items: string) => ({
    id: 'all',
    type: 'for_each',
    output_key: 'all',
    config: { items, body, max_concurrency: 1 },
  });

  test('says in the history how many items there are, and which failed', async () => {
    const told = async (items: string) => {
      const { drafts } = await run(compiled([list(items)]));
      return drafts[0]?.new_history_logs.at(-1)?.items;
    };
    expect(await told('{% [1, 3] %}')).toEqual({ total: 2, begun: 2, failed: 0, first_failed: [] });
    expect(await told('{% [1, 2, 3, 4] %}')).toEqual({ total: 4, begun: 2, failed: 1, first_failed: [1] });
  });
});

describe('a node that fails', () => {
  test('fails the segment with its id and the error’s name, and what was finished stays', async () => {
    const { drafts } = await run(
      compiled([
        transform('good', '{% x + 1 %}'),
        transform('bad', '{% $error("no luck") %}'),
        transform('never', '{% 1 %}'),
      ]),
    );
    expect(drafts).toMatchObject([
      {
        status: 'FAILED',
        next_segment_to_run: null,
        error_info: { error: 'Expression.Failed', node_id: 'bad' },
        delta: [{ op: 'set', field: 'good', value: 2 }],
      },
    ]);
    expect(drafts[0]?.error_info?.message).toContain('no luck');
    expect(drafts[0]?.new_history_logs.map(({ node_id, status }) => `${node_id} ${status}`)).toEqual([
      'good SUCCEEDED',
      'bad FAILED',
    ]);
  });

  test('names the innermost node, in a body too', async () => {
    const body = { nodes: [transform('inner', '{% $item = 2 ? $error("two") : $item %}')] };
    const { drafts } = await run(
      compiled([
        { id: 'each', type: 'for_each', output_key: 'all', config: { items: '{% [1, 2, 3] %}', body } },
      ]),
    );
    expect(drafts[0]?.error_info?.node_id).toBe('inner');
  });

  test('is tried again by the state machine when a later try may help', async () => {
    const busy = answering(async () => Promise.reject(new StatebagError('Llm.Unavailable', 'busy')));
    await expect(
      run(compiled([{ id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'x' } }]), busy),
    ).rejects.toMatchObject({
      name: 'Llm.Unavailable',
    });
  });

  test('is Node.Failed when its error is none of ours', async () => {
    const broken = answering(async () => Promise.reject(new TypeError('oops')));
    const { drafts } = await run(
      compiled([{ id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'x' } }]),
      broken,
    );
    expect(drafts[0]?.error_info).toEqual({
      error: 'Node.Failed',
      message: 'node ask: oops',
      node_id: 'ask',
    });
  });
});

describe('a list', () => {
  const each = (config: JsonObject) =>
    compiled([
      {
        id: 'each',
        type: 'for_each',
        output_key: 'all',
        config: { items: '{% [1..5] %}', body: { nodes: [transform('n', '{% $item * 10 %}')] }, ...config },
      },
    ]);

  test('keeps the order of its items whichever is ready first', async () => {
    const slowFirst = answering(async ({ prompt }) => {
      await new Promise((resolve) => setTimeout(resolve, prompt === 'ask 1' ? 20 : 1));
      return { text: prompt, input_tokens: 1, output_tokens: 1 };
    });
    const { state } = await run(
      each({
        body: {
          nodes: [{ id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'ask {{ $item }}' } }],
        },
      }),
      slowFirst,
    );
    expect(state['all']).toEqual(['ask 1', 'ask 2', 'ask 3', 'ask 4', 'ask 5']);
  });

  test('runs no more at once than it may', async () => {
    let now = 0;
    let most = 0;
    const counted = answering(async ({ prompt }) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      return { text: prompt, input_tokens: 1, output_tokens: 1 };
    });
    await run(
      each({
        max_concurrency: 2,
        body: {
          nodes: [{ id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'ask {{ $item }}' } }],
        },
      }),
      counted,
    );
    expect(most).toBe(2);
  });

  test('that is too long is an error, never cut', async () => {
    const { drafts } = await run(each({ max_items: 4 }));
    expect(drafts[0]).toMatchObject({
      status: 'FAILED',
      error_info: { error: 'Node.TooManyItems', node_id: 'each' },
    });
  });

  test('of 200 items of 100 ms each yields under a time-out of 3 s, and finishes', async () => {
    let now = 0;
    const slow = answering(async ({ prompt }) => {
      now += 100;
      return { text: prompt, input_tokens: 1, output_tokens: 1 };
    });
    const workflow = each({
      items: '{% [1..200] %}',
      max_concurrency: 1,
      body: {
        nodes: [
          {
            id: 'ask',
            type: 'llm_chat',
            output_key: 'a',
            config: { prompt: '{{ $item }}', expected_ms: 100 },
          },
        ],
      },
    });
    const { drafts, state } = await runInSegments(workflow, {
      input: {},
      providers: slow,
      clock: () => now,
      timeout: 3_000,
    });
    expect(state['all']).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 1)));
    expect(Object.keys(state).sort()).toEqual(['all', 'x']);
    expect(
      drafts.slice(0, -1).every(({ status, cursor }) => status === 'CONTINUE' && cursor?.node_id === 'each'),
    ).toBe(true);
    expect(drafts.length).toBeGreaterThan(6);
    expect(now).toBe(20_000);
  });
});

test('more than an invocation should hold in memory is left to the next one', async () => {
  const input = { large: 'a'.repeat(33 * 1024 * 1024) };
  const nodes = [transform('copy', '{% large %}'), transform('next', '{% 1 %}')];
  const { drafts } = await runInSegments(compiled(nodes), { input, providers: createProviders() });
  expect(drafts.map(({ status, delta }) => [status, delta.map(({ field }) => field)])).toEqual([
    ['CONTINUE', ['copy']],
    ['COMPLETE', ['next']],
  ]);
});

describe('a call', () => {
  test('may take no longer than the invocation has left', async () => {
    const timeouts: number[] = [];
    const seen = answering(async ({ timeout_ms }) => {
      timeouts.push(timeout_ms);
      return { text: 'ok', input_tokens: 1, output_tokens: 1 };
    });
    const ask = compiled([
      { id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'x', timeout_ms: 5_000 } },
    ]);
    for (const timeout of [60_000, 3_000]) await runInSegments(ask, { input: {}, providers: seen, timeout });
    expect(timeouts).toEqual([5_000, 2_500]);
  });
});

describe('a loop', () => {
  test('that reaches its limit fails the run and says so', async () => {
    const { drafts } = await run(
      compiled([
        {
          id: 'again',
          type: 'loop',
          config: {
            max_iterations: 3,
            until: '{% false %}',
            body: { nodes: [transform('y', '{% $index %}')] },
          },
        },
      ]),
    );
    expect(drafts[0]).toMatchObject({
      status: 'LOOP_LIMIT_EXCEEDED',
      error_info: { error: 'Loop.LimitExceeded', node_id: 'again' },
      delta: [{ field: 'y', value: 2 }],
    });
  });

  test.each([
    ['closed', []],
    ['laid open', [{ id: 'rest', type: 'wait', config: { seconds: 1 } }]],
  ])('that keeps at its limit goes on with what it wrote last, %s', async (_form, more) => {
    const body = { nodes: [transform('y', '{% $index %}'), ...more] };
    const config = { max_iterations: 3, at_limit: 'keep', until: '{% false %}', body };
    const { drafts, state } = await run(
      compiled([{ id: 'again', type: 'loop', config }, transform('z', '{% y + 1 %}')]),
    );
    expect(drafts.at(-1)).toMatchObject({ status: 'COMPLETE', error_info: null });
    expect(state).toMatchObject({ y: 2, z: 3 });
    expect(
      drafts.flatMap(({ new_history_logs }) => new_history_logs).find(({ node_id }) => node_id === 'again'),
    ).toMatchObject({ summary: '3 iterations, the limit' });
  });
});

describe('a loop that the state machine interrupts', () => {
  const wait = { id: 'rest', type: 'wait', config: { seconds: 1 } };
  const ask = {
    id: 'ask',
    type: 'llm_chat',
    output_key: 'answer',
    config: { prompt: 'the same every time' },
  };
  const loop = (until: string, nodes: readonly JsonObject[], max_iterations = 3): CompiledWorkflow =>
    compiled([{ id: 'again', type: 'loop', config: { max_iterations, until, body: { nodes } } }]);

  test('fails at its limit as any other, after the last iteration', async () => {
    const { drafts } = await run(loop('{% false %}', [transform('y', '{% $index %}'), wait]));
    expect(drafts.map(({ status }) => status)).toEqual([
      'WAITING',
      'CONTINUE',
      'WAITING',
      'CONTINUE',
      'WAITING',
      'LOOP_LIMIT_EXCEEDED',
    ]);
    expect(drafts.at(-1)?.error_info).toEqual({
      error: 'Loop.LimitExceeded',
      message: 'node again: 3 iterations and `until` is still false',
      node_id: 'again',
    });
  });

  test('keeps its count out of sight and drops it at the end', async () => {
    const { drafts, state } = await run(
      loop('{% $index = 2 %}', [wait, transform('seen', "{% $join($keys($), ' ') %}")]),
    );
    expect(drafts.flatMap(({ delta }) => delta.map(({ op, field }) => `${op} ${field}`))).toEqual([
      ...[
        'set seen',
        'set __progress:again',
        'set seen',
        'set __progress:again',
        'set seen',
        'delete __progress:again',
      ],
    ]);
    expect(state).toEqual({ x: 1, seen: 'seen x' });
  });

  test('asks anew in every iteration, and says in the history which one it was', async () => {
    let asked = 0;
    const counted = answering(async () => ({ text: String(++asked), input_tokens: 1, output_tokens: 1 }));
    const inner = {
      id: 'inner',
      type: 'loop',
      config: { max_iterations: 2, until: '{% $index = 1 %}', body: { nodes: [ask, wait] } },
    };
    const { drafts, state } = await run(loop('{% $index = 1 %}', [inner]), counted);
    expect([asked, state['answer']]).toEqual([4, '4']);
    const history = drafts.flatMap(({ new_history_logs }) => new_history_logs);
    expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
    expect(
      history.filter(({ type }) => type === 'loop').map(({ node_id, summary }) => `${node_id}: ${summary}`),
    ).toEqual([...['inner: 2 iterations', 'inner: 2 iterations', 'again: 2 iterations']]);
  });

  test('gives the branches of every iteration paths of their own, nested ones too', async () => {
    const group = (id: string, nodes: readonly JsonObject[]) => ({
      id,
      type: 'parallel_group',
      config: { branches: [{ nodes }, { nodes: [transform(`${id}_side`, '{% 1 %}')] }] },
    });
    const inner = {
      id: 'inner',
      type: 'loop',
      config: { max_iterations: 2, until: '{% $index = 1 %}', body: { nodes: [group('lower', [ask])] } },
    };
    const { drafts } = await run(loop('{% $index = 1 %}', [group('upper', [wait])]));
    expect(drafts.flatMap(({ branches }) => branches ?? []).map(({ branch_path }) => branch_path)).toEqual([
      '0.0',
      '0.1',
      '1.0',
      '1.1',
    ]);
    const { drafts: nested } = await run(loop('{% $index = 1 %}', [{ ...inner, id: 'between' }]));
    expect(nested.flatMap(({ branches }) => branches ?? []).map(({ branch_path }) => branch_path)).toEqual(
      ['0.0.0', '0.0.1', '0.1.0', '0.1.1', '1.0.0', '1.0.1', '1.1.0', '1.1.1'], //
    );
  });

  test('turns 5,000 times', async () => {
    const { drafts, state } = await run(
      loop('{% n >= 5000 %}', [transform('n', '{% $index + 1 %}'), { ...wait, id: 'w' }], 5_000),
    );
    expect([drafts.length, drafts.at(-1)?.status, state]).toEqual([10_000, 'COMPLETE', { x: 1, n: 5_000 }]);
  });
});

describe('a model’s answer', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
  const node = compiled([
    { id: 'ask', type: 'llm_chat', output_key: 'a', config: { prompt: 'x', response_schema: schema } },
  ]);

  test('is asked for again with the reason when it does not obey the schema, and both are counted', async () => {
    const prompts: string[] = [];
    const second = answering(async ({ prompt }) => ({
      text: prompts.push(prompt) === 1 ? '{"n": "one"}' : '```json\n{"n": 1}\n```',
      input_tokens: 5,
      output_tokens: 2,
    }));
    const { drafts, state } = await run(node, second);
    expect(state['a']).toEqual({ n: 1 });
    expect(prompts[1]).toContain('#/n');
    expect(drafts[0]?.usage).toEqual({ llm_calls: 2, input_tokens: 10, output_tokens: 4, cost_nano_usd: 0 });
  });

  test('that never obeys fails the node', async () => {
    const { drafts } = await run(
      node,
      answering(async () => ({ text: 'sure!', input_tokens: 1, output_tokens: 1 })),
    );
    expect(drafts[0]?.error_info).toMatchObject({ error: 'Llm.OutputInvalid', node_id: 'ask' });
  });
});

test('a run that nobody wants any more stops between two evaluations', async () => {
  const body = { nodes: [transform('x', '{% $sum($map([1..20000], function($v) { $v % 7 })) %}')] };
  const { segments, manifest } = compiled([
    { id: 'again', type: 'loop', config: { until: '{% x < 0 %}', max_iterations: 5_000, body } },
  ]);
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  const draft = await runSegment({
    segment,
    state: { x: 1 },
    run: {
      ...TEST_RUN,
      branch_path: '' as BranchPath,
      loop_counter: 0,
      resume_count: 0,
      cursor: null,
      now: TEST_RUN.start_time,
    }, // the root
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(new MemoryObjectStore()),
    providers: createProviders(),
    mayGoOn: async () => {
      throw new StatebagError('Run.Cancelled', 'it was cancelled');
    },
  });
  expect([draft.status, draft.error_info?.error]).toEqual(['FAILED', 'Run.Cancelled']);
});

describe('where the state machine has to act', () => {
  async function firstOf(workflow: CompiledWorkflow) {
    const segment = workflow.segments.get(workflow.manifest.first_segment);
    if (!segment) throw new Error('no first segment');
    const standing = {
      state: workflow.manifest.initial_state,
      cursor: null,
      branch_path: '',
      loop_counter: 0,
    };
    return runOne(segment, standing, {
      providers: createProviders(),
      store: new MemoryObjectStore(),
      clock: () => 0,
      timeout: Number.POSITIVE_INFINITY,
    });
  }

  test('an approval ends the segment before its successor, with its deadline', async () => {
    const ask = {
      id: 'ask',
      type: 'human_approval',
      output_key: 'decision',
      config: { message: 'Go on?', deadline_s: 3_600 },
    };
    expect(
      await firstOf(compiled([transform('before', '{% 1 %}'), ask, transform('after', '{% 2 %}')])),
    ).toMatchObject({
      status: 'PAUSED_FOR_HITP',
      segment_type: 'hitp',
      next_segment_to_run: 's02-after',
      wait_until: '2026-01-31T13:00:00.000Z',
      delta: [{ field: 'before' }],
    });
  });

  test('a wait says until when', async () => {
    expect(
      await firstOf(
        compiled([
          { id: 'hold', type: 'wait', config: { until: '2026-03-01T00:00:00Z' } },
          transform('after', '{% 2 %}'),
        ]),
      ),
    ).toMatchObject({
      status: 'WAITING',
      segment_type: 'wait',
      next_segment_to_run: 's02-after',
      wait_until: '2026-03-01T00:00:00.000Z',
    });
  });

  test('a group names its branches and where it goes on', async () => {
    const branches = [
      { id: 'one', nodes: [transform('a', '{% 1 %}')] },
      { id: 'two', optional: true, nodes: [transform('b', '{% 2 %}')] },
    ];
    expect(
      await firstOf(
        compiled([
          { id: 'both', type: 'parallel_group', config: { branches } },
          transform('after', '{% a + b %}'),
        ]),
      ),
    ).toMatchObject({
      status: 'PARALLEL_GROUP',
      segment_type: 'parallel_group',
      next_segment_to_run: 's04-after',
      branches: [
        { branch_id: 'one', branch_index: 0, first_segment: 's02-a', last_segment: 's02-a', optional: false },
        { branch_id: 'two', branch_index: 1, first_segment: 's03-b', last_segment: 's03-b', optional: true },
      ],
    });
  });
});
