import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { amountsOfRun, type CostResult, priced, readStepLines } from '@statebag/cost';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { modelServer } from '@statebag/workflow/testing/model-server';
import { openAppToRead } from '../src/cloud/open-app.ts';
import type { RunCost } from '../src/cost/run-cost.ts';
import { resultOf, statebag, workFolder } from './statebag.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');
const folder = workFolder();
afterAll(() => folder.remove());
const dataDir = join(folder.path, 'data');

/** What the local cloud counted of a real run, and its history as a recording. */
async function realRun(workflow: string, input: string) {
  const { execution_id, status, report } = resultOf(
    await statebag('run', workflow, '--input', input, '--data-dir', dataDir, '--json'),
  );
  const recorded = folder.file(
    `${execution_id}.json`,
    (await statebag('show', execution_id, '--history', '--data-dir', dataDir)).stdout,
  );
  const app = await openAppToRead(dataDir);
  const lines = await readStepLines(app.logs, LOCAL_APP.logGroups, execution_id).finally(() => app.close());
  return {
    status,
    recorded,
    amounts: amountsOfRun(
      { transitions: report.transitions, lambdaInvocations: report.lambda_invocations },
      lines,
    ),
  };
}

async function costOf(...args: string[]): Promise<CostResult> {
  const { code, stdout, stderr } = await statebag('cost', ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/**
 * A machine that is busy with other tests stretches what functions take, in the run and in its rehearsal: of
 * three the pair that is least apart counts.
 */
async function leastDisturbed(workflow: string, input: string) {
  const pairs = [];
  for (let times = 0; times < 3; times++) {
    const counted = await realRun(workflow, input);
    const { run } = (await costOf(workflow, '--input', input, '--recorded', counted.recorded)).estimates;
    const [wanted, estimated] = [priced(counted.amounts).total, run?.usd.total ?? 0];
    pairs.push({ counted, run, apart: Math.abs(estimated - wanted) / wanted });
    if (pairs.some(({ apart }) => apart <= 0.05)) break;
  }
  const [least] = pairs.toSorted((one, other) => one.apart - other.apart);
  if (!least) throw new Error('nothing was run');
  return least;
}

const within = (share: number, of: number) => ({ least: of * (1 - share), most: of * (1 + share) });

describe('statebag cost', () => {
  test.each(['ticket-triage', 'agent-loop'])(
    'with input and recorded tokens agrees with what the local cloud counted of %s',
    async (name) => {
      const [workflow, input] = [join(EXAMPLES, name, 'workflow.json'), join(EXAMPLES, name, 'input.json')];
      const { counted, run } = await leastDisturbed(workflow, input);
      expect(counted.status).toBe('SUCCEEDED');
      for (const member of [
        'transitions',
        'lambda_requests',
        's3_puts',
        'input_tokens',
        'output_tokens',
        'llm_calls',
      ] as const) {
        expect({ member, amount: run?.amounts[member] }).toEqual({ member, amount: counted.amounts[member] });
      }
      const { least, most } = within(0.05, priced(counted.amounts).total);
      expect(run?.usd.total).toBeGreaterThanOrEqual(least);
      expect(run?.usd.total).toBeLessThanOrEqual(most);

      const { least: low, most: high } = (await costOf(workflow)).estimates;
      for (const member of [
        'transitions',
        'lambda_requests',
        's3_puts',
        's3_gets',
        'input_tokens',
        'output_tokens',
        'llm_calls',
      ] as const) {
        expect({
          member,
          holds:
            (low?.amounts[member] ?? Infinity) <= counted.amounts[member] &&
            counted.amounts[member] <= (high?.amounts[member] ?? 0),
        }).toEqual({ member, holds: true });
      }
    },
  );

  test('prices tokens by the model the node names, and a thousand runs a thousandfold', async () => {
    const ask = {
      id: 'ask',
      type: 'llm_chat',
      output_key: 'answer',
      config: { provider: 'openai', model: 'gpt-4o-mini', prompt: 'x'.repeat(4_000), max_tokens: 1_000 },
    };
    const file = folder.file('ask.json', { name: 'ask', version: '1', nodes: [ask], edges: [] });
    const once = (await costOf(file)).estimates['most'];
    expect(once?.amounts).toMatchObject({ llm_calls: 1, input_tokens: 1_000, output_tokens: 1_000 });
    expect(once?.usd.tokens).toBeCloseTo((1_000 * 150 + 1_000 * 600) / 1e9, 12);
    const often = (await costOf(file, '--runs', '1000')).estimates['most'];
    expect(often?.usd.total).toBeCloseTo((once?.usd.total ?? 0) * 1_000, 9);
  });

  test('calls nothing outside while it rehearses, in a list that workers share either', async () => {
    const call = {
      id: 'call',
      type: 'api_call',
      output_key: 'got',
      config: { method: 'GET', url: 'https://192.0.2.1/never' },
    };
    const config = { items: '{% [1..201] %}', distributed: 'map_reduce', body: { nodes: [call] } };
    const each = { id: 'each', type: 'for_each', output_key: 'all', config };
    const nodes = [{ ...call, id: 'first' }, each];
    const file = folder.file('call.json', { name: 'call', version: '1', nodes });
    const { run } = (await costOf(file, '--input', folder.file('empty.json', {}))).estimates;
    expect(run?.amounts).toMatchObject({ lambda_requests: 31, llm_calls: 0 });
  });

  test('reconciles a run with its rehearsal, its limits and what its models took', async () => {
    const model = await modelServer();
    try {
      const ask = (id: string, prompt: string) => ({
        id,
        type: 'llm_chat',
        output_key: id,
        config: { provider: 'openai-compatible', model: 'priced', max_tokens: 10, prompt },
      });
      const body = { nodes: [ask('one', 'about {{ $item }}')] };
      const each = {
        id: 'each',
        type: 'for_each',
        output_key: 'all',
        config: { items: '{% topics %}', body },
      };
      const workflow = folder.file('limited.json', {
        name: 'limited',
        nodes: [
          { id: 'in', type: 'input', config: { fields: ['topics'] } },
          ask('first', 'first'),
          each,
          ask('last', 'last {{ all }}'),
        ],
        options: { llm_per_segment: 1, max_cost_usd: 50, node_limits: { one: { max_tokens: 1_000 } } },
      });
      const input = folder.file('topics.json', { topics: ['a', 'b', 'c'] });
      // 3 tokens of a question and 4 of an answer cost $0.11: a busy machine adds nothing to that
      const config = folder.file('prices.json', {
        prices: { priced: { input: 10_000, output: 20_000 } },
        owner_day_limit: { max_cost_usd: 1_000 },
      });
      const where = ['--data-dir', join(folder.path, 'priced'), '--config', config];
      const { execution_id } = resultOf(
        await statebag('run', workflow, '--input', input, '--provider-url', model.url, '--json', ...where),
      );
      const asked = model.asked.length;
      const { stdout, stderr } = await statebag('cost', execution_id, '--json', ...where);
      if (stdout === '') throw new Error(stderr);
      const found: RunCost = JSON.parse(stdout);
      const { happened, reconciled, bound } = found.estimates;
      expect(happened.usd.tokens).toBeCloseTo(5 * 0.11, 9);
      const { lambda_gb_seconds: _, ...counts } = happened.amounts;
      expect(reconciled?.amounts).toMatchObject(counts);
      expect(found.apart).toBeLessThanOrEqual(0.05);
      expect(bound.usd.tokens).toBe(50);
      expect(bound.usd.total).toBeGreaterThan(happened.usd.total);
      expect(found.limits).toEqual([
        { whose: 'the run', max_cost_usd: 50, counted: { nano_usd: 5 * 0.11e9, tokens: 35 } },
        { whose: 'node one', max_tokens: 1_000, counted: { nano_usd: 3 * 0.11e9, tokens: 21 } },
        {
          whose: expect.stringMatching(/^the day \d{4}-\d\d-\d\d of the owner$/),
          max_cost_usd: 1_000,
          counted: { nano_usd: 5 * 0.11e9, tokens: 35 },
        },
      ]);
      expect(found.nodes.map(({ node_id, llm_calls }) => [node_id, llm_calls]).toSorted()).toEqual([
        ['first', 1],
        ['last', 1],
        ['one', 3],
      ]);
      expect(model.asked).toHaveLength(asked);
      expect((await statebag('cost', execution_id, ...where)).stdout).toMatch(
        /^Reconciled: .* but for 0\.\d %\.$/m,
      );
    } finally {
      await model.close();
    }
  });

  test('of a run that is none, or with an input for a run, says what to do', async () => {
    const none = await statebag('cost', 'no-such-run', '--data-dir', dataDir);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no-such-run: no such .*\n {2}mend: /),
    });
    const given = await statebag('cost', 'no-such-run', '--input', folder.file('x.json', {}));
    expect(given).toMatchObject({ code: 2, stderr: expect.stringMatching(/--input belongs .*\n {2}mend: /) });
  });
});
