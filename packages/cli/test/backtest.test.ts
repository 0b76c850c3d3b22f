import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';
import type { BacktestReport } from '../src/backtest/backtest-report.ts';
import { type Dev, resultOf, start, startDev, workFolder } from './statebag.ts';

const LONG_MS = 240_000;
const folder = workFolder();
const dataDir = `${folder.path}/data`;
const KEY = { STATEBAG_LLM_API_KEY: 'secret-of-the-test' };
/** What a model says is what it is asked, as long as it is not told to be short. */
const answer = (prompt: string) =>
  prompt.startsWith('judge')
    ? { content: '{"pass":true,"reason":"as good"}' }
    : { content: `said ${prompt}` };

let model: ModelServer;
let dev: Dev;
const TOPICS = ['tea', 'rye', '<script>alert(1)</script>'];

const ask = (id: string, prompt: string, config = {}) => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { provider: 'openai-compatible', model: 'gpt-4o-mini', max_tokens: 10, prompt, ...config },
});
const workflow = (name: string, nodes: readonly object[], options = {}) =>
  folder.file(`${name}.json`, {
    name: 'tried',
    nodes: [
      { id: 'in', type: 'input', config: { fields: ['topic'] } },
      ...nodes,
      { id: 'out', type: 'output', config: { fields: ['fact', 'sum'] } },
    ],
    options: { llm_per_segment: 1, ...options },
  });
const FACT = ask('fact', 'a fact of {{ topic }}');
const SUM = ask('sum', 'sum up {{ fact }}');

const backtest = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await start(['backtest', ...args, '--json', '--data-dir', dataDir], KEY)
    .finished;
  if (stdout === '') throw new Error(`it ended with ${code} and said ${stderr}`);
  const report: BacktestReport = JSON.parse(stdout);
  return { code, stderr, report };
};

beforeAll(async () => {
  model = await modelServer({ answer });
  dev = await startDev(dataDir, '--provider-url', model.url);
  const before = workflow('before', [FACT, SUM]);
  for (const topic of TOPICS) {
    const input = folder.file('input.json', { topic });
    const run = await start(['run', before, '--input', input, '--json', '--data-dir', dataDir], KEY).finished;
    expect(resultOf(run).status).toBe('SUCCEEDED');
  }
}, LONG_MS);
afterAll(async () => {
  await dev.stop();
  await model.close();
  folder.remove();
});

test(
  'a workflow that says the same in another way is the same, and asks only what was edited',
  async () => {
    const asked = model.asked.length;
    const limited = workflow('limited', [FACT, SUM, { id: 'more', type: 'wait', config: { seconds: 1 } }]);
    const { code, report } = await backtest('--workflow', limited);
    expect({ code, ...report.summary }).toMatchObject({ code: 0, runs: 3, same: 3, different: 0, failed: 0 });
    expect(model.asked).toHaveLength(asked);
  },
  LONG_MS,
);

test(
  'a report tells fields, examples and figures, and shows what came from a run as text',
  async () => {
    const [markdown, html] = [join(folder.path, 'r.md'), join(folder.path, 'r.html')];
    const asked = model.asked.length;
    const edited = workflow('edited', [
      ask('fact', '{% topic = "rye" ? "no" : "a fact of " & topic %}'),
      SUM,
    ]);
    const { code, report } = await backtest('--workflow', edited, '--markdown', markdown, '--html', html);
    expect(code).toBe(1);
    const { summary, outcomes } = report;
    expect(summary).toMatchObject({ same: 2, different: 1, judged: null });
    expect(summary.fields.map(({ field, runs }) => [field, runs])).toEqual([
      ['fact', 1],
      ['sum', 1],
    ]);
    const [rye] = outcomes.filter(({ verdict }) => verdict === 'different');
    expect(rye?.differences).toContainEqual({
      field: 'fact',
      before: '"said a fact of rye"',
      after: '"said no"',
    });
    // the node changed in all three runs, and what reads it only where another fact came out
    expect(model.asked).toHaveLength(asked + 4);
    expect(summary.paid).toEqual({
      llm_calls: 4,
      input_tokens: 12,
      output_tokens: 16,
      cost_nano_usd: 4 * (3 * 150 + 4 * 600),
    });
    expect(summary.before.usage.llm_calls).toBe(6);
    expect(summary.after.usage.llm_calls).toBe(6);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toContain('<script');
    expect(readFileSync(markdown, 'utf8')).toContain('| fact | 1 |');
  },
  LONG_MS,
);

test(
  'what came from a run is no markup in the reports',
  async () => {
    const [markdown, html] = [join(folder.path, 'm.md'), join(folder.path, 'm.html')];
    const edited = workflow('marked', [FACT, ask('sum', 'shortly <img src=x onerror=y> [a](b) {{ fact }}')]);
    const { report } = await backtest('--workflow', edited, '--markdown', markdown, '--html', html);
    expect(report.summary.different).toBe(3);
    const [text, page] = [readFileSync(markdown, 'utf8'), readFileSync(html, 'utf8')];
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(`${text}${page}`).not.toMatch(/<script|<img/);
    expect(text).not.toContain('[a](b)');
  },
  LONG_MS,
);

test(
  'a judge decides on what is different: an expression, or a node of a workflow, asked once',
  async () => {
    const edited = workflow('judged', [FACT, ask('sum', 'in brief {{ fact }}')]);
    const byWord = await backtest('--workflow', edited, '--judge', '$contains(after.sum, "tea")');
    expect(byWord.code).toBe(1);
    expect(byWord.report.summary.judged).toEqual({ passed: 1, refused: 2, undecided: 0 });
    const schema = { type: 'object', properties: { pass: { type: 'boolean' }, reason: { type: 'string' } } };
    const judge = folder.file('judge.json', {
      name: 'judge',
      nodes: [
        { id: 'in', type: 'input', config: { fields: ['before', 'after', 'different'] } },
        ask('verdict', 'judge {{ before.sum }} and {{ after.sum }}', { response_schema: schema }),
      ],
    });
    const byModel = await backtest('--workflow', edited, '--judge', `${judge}#verdict`);
    expect(byModel.code).toBe(0);
    expect(byModel.report.outcomes.map(({ judged }) => judged)).toEqual(
      Array(3).fill({ pass: true, reason: 'as good' }),
    );
    expect(byModel.report.summary.paid.llm_calls).toBe(6);
    const again = await backtest('--resume', byModel.report.id);
    expect(again.report).toEqual({ ...byModel.report, max_cost_usd: null });
    expect(model.asked.filter((prompt) => prompt.startsWith('judge'))).toHaveLength(3);
  },
  LONG_MS,
);

test(
  'a budget holds for all forks together, and with more of it none of their calls is made again',
  async () => {
    const asked = model.asked.length;
    const edited = workflow('dear', [ask('fact', 'one fact of {{ topic }}'), SUM]);
    // a call costs 2,850 billionths of a dollar; before it some 9,000 are set aside
    const first = await backtest('--workflow', edited, '--max-cost', '0.000015', '--at-once', '1');
    expect(first).toMatchObject({ code: 1, report: { ended: 'out of money' } });
    expect(first.stderr).toMatch(/go on with: .*--resume backtest-\S+ .*--max-cost <more>/);
    const paid = (model.asked.length - asked) * 2_850;
    expect(paid).toBeGreaterThan(0);
    expect(paid).toBeLessThanOrEqual(15_000);
    const second = await backtest('--resume', first.report.id, '--max-cost', '1');
    expect(second.report.summary).toMatchObject({ open: 0, different: 3 });
    const made = model.asked.slice(asked);
    expect(new Set(made).size).toBe(6);
    expect(made).toHaveLength(6);
    expect(second.report.summary.paid.cost_nano_usd).toBe(6 * 2_850);
  },
  LONG_MS,
);

test(
  'a fork that went on without an answer, because the money was spent, has not been tried',
  async () => {
    const branches = [
      { id: 'may-fail', optional: true, nodes: [ask('sum', 'perhaps {{ fact }}')] },
      { id: 'other', nodes: [{ id: 'wait', type: 'wait', config: { seconds: 1 } }] },
    ];
    const group = { id: 'both', type: 'parallel_group', config: { branches } };
    // 6,300 billionths are set aside for the short question, 9,600 for the long one
    const edited = workflow('optional', [FACT, group, ask('more', 'more')]);
    const first = await backtest('--workflow', edited, '--limit', '1', '--max-cost', '0.000007');
    expect(first.report).toMatchObject({ ended: 'out of money', outcomes: [] });
    const second = await backtest('--resume', first.report.id, '--max-cost', '1');
    expect(second.report.outcomes[0]?.differences).toMatchObject([
      { field: 'sum', after: expect.stringMatching(/^"said perhaps /) },
    ]);
    expect(second.report.summary.paid.llm_calls).toBe(2);
    expect(model.asked.filter((prompt) => prompt === 'more')).toHaveLength(1);
  },
  LONG_MS,
);

test(
  'a fork that fails, and one that asks what nobody was asked, is told as failed',
  async () => {
    const asks = { id: 'sure', type: 'human_approval', output_key: 'sure', config: { message: 'Sure?' } };
    const asking = await backtest('--workflow', workflow('asks', [FACT, asks, SUM]), '--limit', '1');
    const [asked] = asking.report.outcomes;
    expect(asked).toMatchObject({ verdict: 'failed', error: { name: 'Run.AsksAPerson' } });
    expect(asked?.error?.message).toMatch(/^sure asks/);
    const broken = {
      id: 'sum',
      type: 'data_transform',
      output_key: 'sum',
      config: { transform: '{% $error("no") %}' },
    };
    const failing = await backtest('--workflow', workflow('fails', [FACT, broken]), '--limit', '1');
    expect(failing.report.outcomes).toMatchObject([
      { verdict: 'failed', error: { name: 'Expression.Failed' } },
    ]);
  },
  LONG_MS,
);

test('a backtest that was never begun, and runs that are none, are mistakes', async () => {
  const said = async (...args: readonly string[]) => {
    const { code, stderr } = await start(['backtest', ...args, '--data-dir', dataDir], KEY).finished;
    return { code, stderr };
  };
  expect(await said('--resume', 'bt-1')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--resume bt-1: no such backtest in .*\n {2}mend: /),
  });
  const other = workflow('other', [FACT, SUM]);
  expect(await said('--workflow', other, '--runs', 'workflow=never')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no run of never fits --runs .*\n {2}mend: /),
  });
});

test(
  'a run that was removed since the backtest began is told as failed, and the others are tried',
  async () => {
    const { report } = await backtest('--workflow', workflow('kept', [FACT, SUM]), '--limit', '1');
    const path = join(dataDir, 'backtests', report.id, 'plan.json');
    const plan = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...plan, runs: ['tried-removed', ...plan.runs] }));
    const { report: later } = await backtest('--resume', report.id);
    expect(later.outcomes.map(({ verdict, error }) => [verdict, error?.name])).toEqual([
      ['failed', 'Run.NotFound'],
      ['same', undefined],
    ]);
  },
  LONG_MS,
);
