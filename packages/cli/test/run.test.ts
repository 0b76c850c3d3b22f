import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Dev, resultOf, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
const dataDir = `${folder.path}/data`;
/** A process of its own for what is said of one. */
const alone = `${folder.path}/alone`;
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(dataDir);
});
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

const input = (fields: string[]) => ({ id: 'in', type: 'input', config: { fields } });
const transform = (id: string, output_key: string, expression: string) => ({
  id,
  type: 'data_transform',
  output_key,
  config: { transform: `{% ${expression} %}` },
});
const question = (id: string, output_key: string, prompt: string) => ({
  id,
  type: 'llm_chat',
  output_key,
  config: { provider: 'mock', model: 'mock-1', prompt },
});
const output = (...fields: string[]) => ({ id: 'out', type: 'output', config: { fields } });
const chain = (name: string, nodes: { id: string }[], options = {}) => ({
  name,
  version: '1',
  nodes,
  edges: nodes.slice(1).map(({ id }, index) => ({ from: nodes[index]?.id, to: id })),
  options,
});

/** A page of about 260 KB: many small objects, as data is. */
function rows(page: number): object[] {
  return Array.from({ length: 1_600 }, (_, row) => ({
    id: row,
    tags: ['a', `${row % 7}`],
    note: `A note about customer ${page}-${row} with a little text so that it takes space, as notes do.`,
    amount: row * 1.25,
  }));
}

describe('statebag run', () => {
  test('prints exactly one JSON object with output and report', async () => {
    const file = folder.file(
      'hello.json',
      chain('hello', [
        input(['name']),
        transform('greet', 'greeting', "'Hello ' & name"),
        output('greeting'),
      ]),
    );
    const finished = await statebag(
      'run',
      file,
      '--input',
      folder.file('name.json', { name: 'World' }),
      '--data-dir',
      alone,
      '--json',
    );
    expect({ code: finished.code, stderr: finished.stderr }).toEqual({ code: 0, stderr: '' });
    expect(resultOf(finished)).toEqual({
      execution_id: expect.stringMatching(/^hello-/),
      execution_arn: expect.stringMatching(
        /^arn:aws:states:us-east-1:000000000000:execution:statebag-v3-local:hello-/,
      ),
      status: 'SUCCEEDED',
      output: { greeting: 'Hello World' },
      error: null,
      failures: [],
      report: {
        segments: 1,
        transitions: 5,
        history_events: expect.any(Number),
        max_transition_bytes: expect.any(Number),
        max_control_plane_bytes: expect.any(Number),
        segment_input_bytes: { max: expect.any(Number), mean: expect.any(Number) },
        s3: { puts: 0, gets: 2, dedupe_hits: 0, put_bytes: 0, get_bytes: expect.any(Number) },
        lambda_invocations: 1,
        retries: 0,
        ledger: { hits: 0, writes: 0 },
        llm: { calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 },
        duration_ms: expect.any(Number),
      },
    });
  });

  test('carries 5 MB of which each node reads a little, inside the budgets', async () => {
    const pages = Object.fromEntries(Array.from({ length: 20 }, (_, page) => [`page_${page}`, rows(page)]));
    const questions = Array.from({ length: 8 }, (_, step) =>
      question(`n${step}`, `answer_${step}`, `{{ page_${step}[0].note }}`),
    );
    const file = folder.file(
      'large.json',
      chain('large', [...questions, output('answer_7')], { llm_per_segment: 1 }),
    );
    const finished = await statebag(
      'run',
      file,
      '--input',
      folder.file('large-input.json', pages),
      '--data-dir',
      alone,
      '--json',
    );
    const { status, output: out, report } = resultOf(finished);
    expect({ status, out, segments: report.segments }).toEqual({
      status: 'SUCCEEDED',
      out: { answer_7: expect.stringMatching(/customer 7-0/) },
      segments: 8,
    });
    expect(report.max_transition_bytes).toBeLessThanOrEqual(204_800);
    expect(report.max_control_plane_bytes).toBeLessThanOrEqual(4_096);
    expect(finished.peakMb).toBeLessThan(400);
  });

  test('fails with the node’s id and the error’s name, and what was finished stays readable', async () => {
    const file = folder.file(
      'failing.json',
      chain('failing', [transform('fine', 'kept', "'safe'"), transform('boom', 'never', '$number("x")')]),
    );
    const finished = await statebag('run', file, '--data-dir', dataDir, '--json');
    const { execution_id, status, output: out, error } = resultOf(finished);
    expect({ code: finished.code, status, out }).toEqual({ code: 1, status: 'FAILED', out: null });
    expect(error).toEqual({
      name: 'Expression.Failed',
      message: expect.stringMatching(/boom/),
      node_id: 'boom',
    });
    const shown = await statebag('show', execution_id, '--path', 'kept', '--data-dir', dataDir);
    expect(JSON.parse(shown.stdout)).toBe('safe');
    const history = await statebag('show', execution_id, '--history', '--data-dir', dataDir);
    expect(JSON.parse(history.stdout)).toEqual([
      expect.objectContaining({ node_id: 'fine', status: 'SUCCEEDED' }),
      expect.objectContaining({ node_id: 'boom', status: 'FAILED', summary: 'Expression.Failed' }),
    ]);
    const beginning = await statebag('show', execution_id, '--at', '0', '--data-dir', dataDir);
    expect(JSON.parse(beginning.stdout)).toEqual({});
    const raw = await statebag(
      'show',
      execution_id,
      '--raw',
      '--path',
      'failed_segments.0.node_id',
      '--data-dir',
      dataDir,
    );
    expect(JSON.parse(raw.stdout)).toBe('boom');
    const listed = await statebag('list', '--data-dir', dataDir);
    expect(listed.stdout).toMatch(new RegExp(`${execution_id} +FAILED`));
  });

  test('calls no function of its own from a lambda node', async () => {
    const arn =
      'arn:aws:lambda:us-east-1:000000000000:function:statebag-state-data-manager-local-stateDataManager';
    const payload = { action: 'decompress', state_data: { order: '{% order %}' } };
    const call = { id: 'call', type: 'lambda', output_key: 'reply', config: { function_arn: arn, payload } };
    const file = folder.file('calls.json', chain('calls', [input(['order']), call, output('reply')]));
    const finished = await statebag(
      'run',
      file,
      '--input',
      folder.file('order.json', { order: { id: 7 } }),
      '--data-dir',
      dataDir,
      '--json',
    );
    expect(resultOf(finished)).toMatchObject({
      status: 'FAILED',
      output: null,
      error: { name: 'Function.Failed', node_id: 'call', message: expect.stringContaining('Statebag') },
      report: { ledger: { hits: 0, writes: 0 } },
    });
  });

  test('joins parallel branches, nested and waiting ones too, in branch order', async () => {
    const inner = {
      id: 'inner',
      type: 'parallel_group',
      config: {
        branches: ['b', 'c'].map((key) => ({ nodes: [transform(`make-${key}`, key, `a & '${key}'`)] })),
      },
    };
    const pause = { id: 'pause', type: 'wait', config: { until: '{% $fromMillis($millis() + 50) %}' } };
    const left = [transform('make-a', 'a', "x & 'a'"), pause, inner];
    const edges = left.slice(1).map(({ id }, index) => ({ from: left[index]?.id, to: id }));
    const group = {
      id: 'group',
      type: 'parallel_group',
      config: { branches: [{ nodes: left, edges }, { nodes: [transform('make-d', 'd', "x & 'd'")] }] },
    };
    const file = folder.file(
      'groups.json',
      chain('groups', [input(['x']), group, transform('all', 'all', '[a, b, c, d]'), output('all')]),
    );
    const finished = await statebag(
      'run',
      file,
      '--input',
      folder.file('x.json', { x: 'x' }),
      '--data-dir',
      dataDir,
      '--json',
    );
    expect(resultOf(finished)).toMatchObject({
      status: 'SUCCEEDED',
      output: { all: ['xa', 'xab', 'xac', 'xd'] },
    });
  });
});
