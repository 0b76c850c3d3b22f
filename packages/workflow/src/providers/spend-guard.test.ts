import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { ExecutionId, NodeId, OwnerId } from '@statebag/contracts/ids';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { runInSegments } from '../../test/run-in-segments.ts';
import { compileWorkflow, type LlmProviders, readWorkflow } from '../index.ts';
import { bookInMemory, spendOf } from './spend-guard.ts';

// good ids by sight
const RUN = 'run-1' as ExecutionId;
const NODE = 'ask' as NodeId;
const PROMPT = 'a question of some length, so that it counts';

/** Answers that take as many tokens as they may, and the prompts that were asked. */
function greedy() {
  const asked: { readonly prompt: string; readonly max_tokens: number | undefined }[] = [];
  const providers: LlmProviders = async () => ({
    complete: async ({ prompt, max_tokens = 10_000 }) => {
      asked.push({ prompt, max_tokens });
      return { text: 'an answer', input_tokens: 10, output_tokens: max_tokens };
    },
  });
  return { asked, providers };
}

function compiled(nodes: readonly JsonObject[], options: JsonObject) {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify({ name: 'test', nodes, options }), {
    file: 'test.json',
  });
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

const ask = (id: string, config: JsonObject = {}): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: PROMPT, provider: 'openai', model: 'gpt-4o-mini', max_tokens: 1_000, ...config },
});
const failureOf = ({ drafts }: Awaited<ReturnType<typeof runInSegments>>) => drafts.at(-1)?.error_info;

describe('a run with a limit', () => {
  test('asks as long as the next call fits, and then fails before it asks', async () => {
    const { asked, providers } = greedy();
    // 1,000 tokens of an answer cost $0.0006: two calls fit, a third does not
    const three = compiled([ask('a'), ask('b'), ask('c')], { max_cost_usd: 0.0015 });
    const failure = failureOf(await runInSegments(three, { input: {}, providers }));
    expect(failure).toMatchObject({ error: 'Run.CostExceeded', node_id: 'c' });
    expect(failure?.message).toContain('max_cost_usd is $0.0015');
    expect(asked).toHaveLength(2);
  });

  test('counts tokens of questions and answers', async () => {
    const { asked, providers } = greedy();
    const failure = failureOf(
      await runInSegments(compiled([ask('a'), ask('b')], { max_tokens: 1_500 }), { input: {}, providers }),
    );
    expect(failure?.message).toContain('1010 tokens are used or set aside');
    expect(asked).toHaveLength(1);
  });

  test('asks for an answer of bounded length where the node does not', async () => {
    const { asked, providers } = greedy();
    const { max_tokens: _, ...config } = ask('a')['config'] as JsonObject;
    await runInSegments(compiled([{ ...ask('a'), config }], { max_tokens: 100_000 }), {
      input: {},
      providers,
    });
    expect(asked).toEqual([{ prompt: PROMPT, max_tokens: 4_096 }]);
  });

  test('holds the limit of one node for that node alone', async () => {
    const { providers } = greedy();
    const limited = { node_limits: { a: { max_tokens: 10 } } };
    const failed = await runInSegments(compiled([ask('a')], limited), { input: {}, providers });
    expect(failureOf(failed)).toMatchObject({ error: 'Run.CostExceeded', node_id: 'a' });
    const other = compiled([ask('a', { max_tokens: 1, prompt: 'x' }), ask('b')], limited);
    expect(failureOf(await runInSegments(other, { input: {}, providers }))).toBeNull();
  });

  test('refuses a model without a price where money is limited, and not where tokens are', async () => {
    const { providers } = greedy();
    const own = ask('a', { model: 'own-model' });
    const money = await runInSegments(compiled([own], { max_cost_usd: 5 }), { input: {}, providers });
    expect(failureOf(money)?.message).toContain('own-model has no price');
    const tokens = await runInSegments(compiled([own], { max_tokens: 5_000 }), { input: {}, providers });
    expect(failureOf(tokens)).toBeNull();
  });

  test('lets an optional branch fail as with any other error', async () => {
    const { providers } = greedy();
    const branches = [
      { id: 'dear', optional: true, nodes: [ask('a')] },
      { nodes: [ask('b', { max_tokens: 1 })] },
    ];
    const group = { id: 'both', type: 'parallel_group', config: { branches } };
    const ended = await runInSegments(compiled([group], { max_tokens: 200 }), { input: {}, providers });
    expect(ended.state).toEqual({ b: 'an answer' });
  });
});

test('a limit of a node that asks no model is a mistake', () => {
  const nodes = [{ id: 'x', type: 'data_transform', output_key: 'x', config: { transform: '{% 1 %}' } }];
  const read = readWorkflow(
    JSON.stringify({ name: 't', nodes, options: { node_limits: { x: { max_tokens: 5 } } } }),
    { file: 't.json' },
  );
  expect(read.diagnostics).toMatchObject([{ code: 'unknown-key', path: '$.options.node_limits.x' }]);
});

test('a limit is not looked at where branches are not what they should be', () => {
  const nodes = [{ id: 'both', type: 'parallel_group', config: { branches: 'trigger' } }];
  const read = readWorkflow(JSON.stringify({ name: 't', nodes }), { file: 't.json' });
  expect(read.diagnostics).toMatchObject([{ code: 'wrong-shape', path: '$.nodes[0].config.branches' }]);
});

describe('what runs of an owner spend together', () => {
  const question = { provider: 'mock', model: 'default', prompt: '', max_tokens: 100 };
  const owner = (name: string) => ({ owner_id: name as OwnerId });
  const DAY_MS = 86_400_000;

  test('is held where their workflows name the same budget, and nowhere else', async () => {
    const book = bookInMemory();
    const spend = (run: string, { budget = 'trial', by = 'ann' } = {}) =>
      spendOf({
        execution_id: run as ExecutionId,
        limits: { budget: { name: budget, max_tokens: 150 } },
        book,
        owner: owner(by),
      })(NODE)?.(question);
    await spend('run-1');
    await expect(spend('run-2')).rejects.toThrow(/^the budget trial: 100 tokens are used/);
    await spend('run-2', { budget: 'other' });
    await spend('run-2', { by: 'bob' });
  });

  test('is held for one day, and what a call took counts for the day on which it was asked', async () => {
    const book = bookInMemory();
    let now = 0;
    const day = { ...owner('ann'), limit: { max_tokens: 150 } };
    const spend = spendOf({ execution_id: RUN, limits: undefined, book, owner: day, clock: () => now })(NODE);
    const settle = await spend?.(question);
    await expect(spend?.(question)).rejects.toThrow(/^the day 1970-01-01 of the owner: 100 tokens/);
    now = DAY_MS;
    await (await spend?.(question))?.({ nano_usd: 0, tokens: 100 });
    await settle?.({ nano_usd: 0, tokens: 0 });
    await expect(spend?.(question)).rejects.toMatchObject({ name: 'Run.CostExceeded' });
  });

  test('needs a name that is one', () => {
    const { diagnostics } = readWorkflow(
      JSON.stringify({ name: 't', nodes: [ask('a')], options: { budget: { name: 'a b', max_tokens: 1 } } }),
      { file: 't.json' },
    );
    expect(diagnostics).toMatchObject([{ code: 'wrong-shape', path: '$.options.budget' }]);
  });
});

test('a call that got no answer counts nothing', async () => {
  const spend = spendOf({ execution_id: RUN, limits: { run: { max_tokens: 120 } }, book: bookInMemory() })(
    NODE,
  );
  const question = { provider: 'mock', model: 'default', prompt: 'x', max_tokens: 100 };
  for (let turn = 0; turn < 3; turn += 1) await (await spend?.(question))?.({ nano_usd: 0, tokens: 0 });
  await (await spend?.(question))?.({ nano_usd: 0, tokens: 100 });
  await expect(spend?.(question)).rejects.toMatchObject({ name: 'Run.CostExceeded' });
});

test('calls side by side never spend more together than the limit', () =>
  law(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5_000 }),
      fc.array(
        fc.record({
          most: fc.integer({ min: 1, max: 900 }),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      ),
      async (max_tokens, calls) => {
        const book = bookInMemory();
        const spend = spendOf({ execution_id: RUN, limits: { run: { max_tokens } }, book })(NODE);
        let spent = 0;
        const made = calls.map(async ({ most, share }) => {
          const settle = await spend?.({ provider: 'mock', model: 'm', prompt: '', max_tokens: most });
          const tokens = Math.floor(most * share);
          spent += tokens;
          await settle?.({ nano_usd: 0, tokens });
        });
        await Promise.allSettled(made);
        expect(spent).toBeLessThanOrEqual(max_tokens);
      },
    ),
    { cases: 100 },
  ));
