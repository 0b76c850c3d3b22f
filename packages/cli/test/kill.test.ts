import { afterAll, expect, test } from '@jest/globals';
import { modelServer } from '@statebag/workflow/testing/model-server';
import { resultOf, start, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());

const CONCURRENCY = 3;
const ITEMS = 12;
const ask = (id: string, prompt: string) => ({
  id,
  type: 'llm_chat',
  output_key: 'answer',
  config: { provider: 'openai-compatible', model: 'echo', prompt },
});
const WORKFLOW = {
  name: 'interrupted',
  version: '1',
  nodes: [
    { id: 'in', type: 'input', config: { fields: ['questions'] } },
    {
      id: 'each',
      type: 'for_each',
      output_key: 'answers',
      config: {
        items: '{% questions %}',
        max_concurrency: CONCURRENCY,
        body: { nodes: [ask('one', 'first {{ $item }}')] },
      },
    },
    { ...ask('last', 'and then {{ $count(answers) }}'), output_key: 'summary' },
    { id: 'out', type: 'output', config: { fields: ['answers', 'summary'] } },
  ],
  options: { llm_per_segment: 1 },
};
const DISTINCT = ITEMS + 1;

test.each([2, 7, DISTINCT])(
  'killed at model call %i and resumed, a run gives the same output and pays for no recorded call again',
  async (killAt) => {
    const model = await modelServer({ delayMs: 40 });
    try {
      const questions = Array.from({ length: ITEMS }, (_, index) => `q${index}`);
      const dataDir = `${folder.path}/at-${killAt}`;
      const environment = { STATEBAG_LLM_API_KEY: 'secret-of-the-test' };
      const args = [
        'run',
        folder.file('workflow.json', WORKFLOW),
        '--input',
        folder.file('input.json', { questions }),
        '--provider-url',
        model.url,
        '--data-dir',
        dataDir,
      ];
      const first = start(args, environment);
      await model.reached(killAt);
      first.child.kill('SIGKILL');
      const run = /^(\S+):/.exec((await first.finished).stderr)?.[1] ?? 'no run was named';
      const { status, output, report } = resultOf(
        await start(['resume', run, '--data-dir', dataDir, '--json'], environment).finished,
      );
      expect({ status, output }).toEqual({
        status: 'SUCCEEDED',
        output: {
          answers: questions.map((question) => `answer to first ${question}`),
          summary: `answer to and then ${ITEMS}`,
        },
      });
      expect(new Set(model.keys).size).toBe(DISTINCT);
      expect(model.keys.length).toBeLessThanOrEqual(DISTINCT + CONCURRENCY);
      expect(report.llm.calls).toBe(DISTINCT);
    } finally {
      await model.close();
    }
  },
);

const WAITS = (seconds: number) => ({
  name: 'waits',
  version: '1',
  nodes: [
    { id: 'w', type: 'wait', config: { seconds } },
    { id: 'x', type: 'data_transform', output_key: 'x', config: { transform: '{% 1 %}' } },
  ],
  edges: [{ from: 'w', to: 'x' }],
});

/** The id of a run, as soon as the command has said it. */
function begun({ child }: ReturnType<typeof start>): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      const run = /^(waits-\S+):/m.exec(said)?.[1];
      if (run !== undefined) resolve(run);
    });
  });
}

test('a run in the cloud of another command ends as it would have when that one is killed, and none is lost', async () => {
  const [workflow, dataDir] = [folder.file('waits.json', WAITS(8)), `${folder.path}/shared`];
  const args = ['run', workflow, '--data-dir', dataDir];
  const first = start(args);
  const lost = await begun(first);
  const second = start([...args, '--json']);
  await statebag('list', '--data-dir', dataDir);
  first.child.kill('SIGKILL');
  expect(resultOf(await second.finished)).toMatchObject({ status: 'SUCCEEDED', output: { x: 1 } });
  const { stdout } = await statebag('list', '--data-dir', dataDir);
  expect(stdout).toContain(lost);
  const resumed = await statebag('resume', lost, '--data-dir', dataDir, '--json');
  expect(resultOf(resumed)).toMatchObject({ execution_id: lost, status: 'SUCCEEDED' });
});
