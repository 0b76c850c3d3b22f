import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { statebag, workFolder } from './statebag.ts';

/** Several commands that each open the cloud, on a machine that may have other things to do. */
jest.setTimeout(240_000);

const folder = workFolder();
afterAll(() => folder.remove());
const at = ['--data-dir', join(folder.path, 'runs')];
const DONE = folder.file('done.json', {
  name: 'done',
  version: '1',
  nodes: [
    { id: 'a', type: 'data_transform', output_key: 'a', config: { transform: "{% $pad('x', 40000) %}" } },
  ],
});

test('ended runs are removed, and one that is under way never', async () => {
  const run = async (...more: string[]) =>
    JSON.parse((await statebag('run', DONE, '--json', ...more, ...at)).stdout).execution_id;
  const [first, second] = [await run(), await run()];
  const left = await run('--detach');
  const pruned = async (...args: string[]) =>
    JSON.parse((await statebag('prune', ...args, '--json', ...at)).stdout);
  expect(await pruned('--keep', '1', '--dry-run')).toEqual({
    dry_run: true,
    runs: [first],
    bytes: expect.any(Number),
  });
  expect(await pruned('--older-than', '1d')).toEqual({ dry_run: false, runs: [], bytes: 0 });
  expect((await pruned('--keep', '1')).runs).toEqual([first]);
  const listed: { execution_id: string }[] = JSON.parse((await statebag('list', '--json', ...at)).stdout);
  expect(listed.map(({ execution_id }) => execution_id)).toEqual([left, second]);
  expect(await statebag('show', first, ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no such run/),
  });
  const { code, stdout } = await statebag('show', second, '--path', 'a', ...at);
  expect({ code, length: stdout.length }).toEqual({ code: 0, length: 40_003 });
});

test.each([
  ['nothing that says which', [], /nothing says which runs\n {2}mend: /],
  ['an age without a unit', ['--older-than', '30'], /not an age\n {2}mend: .*30d/],
  ['a status of no ended run', ['--status', 'RUNNING'], /no status of a run that has ended\n {2}mend: /],
  ['a count that is none', ['--keep', '-1'], /not a number of runs\n {2}mend: /],
])('%s is a mistake', async (_name, args, words) => {
  const ended = await statebag('prune', ...args, ...at);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(words) });
});
