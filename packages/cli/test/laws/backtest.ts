import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { type ModelServer, modelServer } from '@statebag/workflow/testing/model-server';
import fc from 'fast-check';
import type { BacktestReport } from '../../src/backtest/backtest-report.ts';
import { type Finished, start, startDev, workFolder } from '../statebag.ts';

const RUNS = 4;
const AT_ONCE = 2;
const WIDTH = 2;
/** Of one fork: two items of a list, and what reads it. */
const CALLS = 3;
/** A command that takes longer hangs, on the busiest machine too. */
const LONGEST_MS = 300_000;
const KEY = { STATEBAG_LLM_API_KEY: 'secret-of-the-law' };

const ask = (id: string, prompt: string) => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { provider: 'openai-compatible', model: 'gpt-4o-mini', max_tokens: 10, prompt },
});
const workflow = (item: string) => ({
  name: 'tried',
  nodes: [
    { id: 'in', type: 'input', config: { fields: ['topic'] } },
    ask('first', 'first of {{ topic }}'),
    {
      id: 'each',
      type: 'for_each',
      output_key: 'each',
      config: {
        items: "{% ['a', 'b'] %}",
        max_concurrency: WIDTH,
        body: { nodes: [ask('one', `${item} {{ $item }} of {{ topic }}`)] },
      },
    },
    ask('last', 'after {{ each }} of {{ topic }}'),
    { id: 'out', type: 'output', config: { fields: ['first', 'last'] } },
  ],
  options: { llm_per_segment: 1 },
});

/** When a backtest is stopped: as the model is asked so often, or so long after it began; and by what. */
interface Stop {
  readonly at: { readonly call: number } | { readonly millis: number };
  readonly by: NodeJS.Signals;
}

const STOP: fc.Arbitrary<Stop> = fc.record({
  at: fc.oneof(
    fc.record({ call: fc.integer({ min: 1, max: RUNS * CALLS }) }),
    fc.record({ millis: fc.noBias(fc.nat(6_000)) }),
  ),
  by: fc.constantFrom<NodeJS.Signals>('SIGKILL', 'SIGKILL', 'SIGINT', 'SIGTERM'),
});
/** With a budget that may not suffice until the last time, or without one. */
const CASE = fc.record({
  stops: fc.array(STOP, { minLength: 1, maxLength: 3 }),
  // so many calls may be made of it, and some are set aside: a call costs $0.00000285
  budget: fc.option(
    fc.integer({ min: 2, max: 3 * RUNS }).map((calls) => calls * 0.000003),
    {
      freq: 1,
    },
  ),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * Law: a backtest that is stopped at whatever moments, or because its money is spent, and resumed comes to
 * the report of one that was not, with one outcome of each run. Of its calls only those that were under way
 * at a stop are made again: no fork asks for an item after it has asked with the list.
 */
export async function prove({ count, seed }: { count: number; seed: number }): Promise<string> {
  const work = workFolder();
  const model = await modelServer({ delayMs: 60 });
  try {
    const past = `${work.path}/past`;
    await pastRuns(work, { past, model });
    const edited = work.file('edited.json', workflow('other'));
    let stopped = 0;
    for (const [index, one] of fc.sample(CASE, { numRuns: count, seed }).entries()) {
      const dataDir = `${work.path}/${index}`;
      cpSync(past, dataDir, { recursive: true });
      stopped += await oneBacktest(one, { dataDir, edited, model }).catch((error: unknown) => {
        throw new Error(`backtest ${index}: ${JSON.stringify(one)}`, { cause: error });
      });
    }
    return `${count} backtests, stopped ${stopped} times, no recorded call made twice`;
  } finally {
    await model.close();
    work.remove();
  }
}

async function pastRuns(
  work: ReturnType<typeof workFolder>,
  { past, model }: { readonly past: string; readonly model: ModelServer },
): Promise<void> {
  const file = work.file('before.json', workflow('about'));
  const dev = await startDev(past, '--provider-url', model.url);
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const input = work.file('input.json', { topic: `topic-${run}` });
      const args = ['run', file, '--input', input, '--json', '--data-dir', past];
      const { code, stderr } = await start(args, KEY).finished;
      if (code !== 0) throw new Error(`a past run ended with ${code}: ${stderr}`);
    }
  } finally {
    await dev.stop();
  }
}

interface Trial {
  readonly dataDir: string;
  readonly edited: string;
  readonly model: ModelServer;
}

/** How often it was stopped before it had ended. */
async function oneBacktest({ stops, budget }: Case, trial: Trial): Promise<number> {
  const from = trial.model.asked.length;
  let id: string | undefined;
  let stopped = 0;
  for (const { at, by } of stops) {
    const { child, finished } = begun(id, trial, budget);
    const moment = 'call' in at ? trial.model.reached(from + at.call) : passed(at.millis);
    await Promise.race([finished, moment]);
    if (child.exitCode === null && child.kill(by)) stopped += 1;
    const ended = await within(finished, `a backtest after ${by}`);
    id ??= /^(backtest-\S+): /m.exec(ended.stderr)?.[1];
  }
  const { stdout, stderr } = await within(
    begun(id, trial, budget === null ? null : 1).finished,
    'the last of them',
  );
  if (stdout === '') throw new Error(`the last one said nothing but ${stderr}`);
  refuseOther(JSON.parse(stdout));
  refuseRepeats(trial.model.asked.slice(from), stopped);
  return stopped;
}

/** Goes on where a backtest has said its name; until then nothing of it has begun. */
function begun(id: string | undefined, { dataDir, edited, model }: Trial, budget: number | null) {
  const what = id === undefined ? ['--workflow', edited] : ['--resume', id];
  const money = budget === null ? [] : ['--max-cost', budget.toFixed(9)];
  const rest = ['--at-once', String(AT_ONCE), '--provider-url', model.url, '--json', '--data-dir', dataDir];
  return start(['backtest', ...what, ...money, ...rest], KEY);
}

function refuseOther({ ended, summary, outcomes }: BacktestReport): void {
  const { same, different, failed, open, paid } = summary;
  const seen = JSON.stringify({ ended, same, different, failed, open, calls: paid.llm_calls });
  const wanted = JSON.stringify({
    ended: 'done',
    same: 0,
    different: RUNS,
    failed: 0,
    open: 0,
    calls: RUNS * CALLS,
  });
  if (seen !== wanted) throw new Error(`it came to ${seen} and not to ${wanted}`);
  const fields = new Set(outcomes.flatMap(({ differences }) => differences.map(({ field }) => field)));
  if ([...fields].join() !== 'last') throw new Error(`different are ${[...fields].join()}`);
}

function refuseRepeats(asked: readonly string[], stopped: number): void {
  const distinct = new Set(asked).size;
  if (distinct !== RUNS * CALLS) throw new Error(`${distinct} calls were made, not ${RUNS * CALLS}`);
  const underWay = stopped * AT_ONCE * WIDTH;
  if (asked.length > distinct + underWay)
    throw new Error(`${asked.length - distinct} calls were made again; ${underWay} were under way at most`);
  for (let run = 0; run < RUNS; run += 1) {
    const own = asked.filter((prompt) => prompt.endsWith(` of topic-${run}`));
    const after = own.slice(own.findIndex((prompt) => prompt.startsWith('after ')));
    const late = after.filter((prompt) => prompt.startsWith('other '));
    if (late.length > 0) throw new Error(`${late.join()} was asked although its answer was recorded`);
  }
}

const passed = (millis: number) => once(AbortSignal.timeout(millis), 'abort');

async function within(work: Promise<Finished>, what: string): Promise<Finished> {
  const late = once(AbortSignal.timeout(LONGEST_MS), 'abort').then(() => {
    throw new Error(`${what} has not ended after ${LONGEST_MS / 1_000} s`);
  });
  return Promise.race([work, late]);
}
