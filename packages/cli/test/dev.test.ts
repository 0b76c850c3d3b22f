import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, expect, test } from '@jest/globals';
import { resultOf, start, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
afterAll(() => folder.remove());
const dataDir = `${folder.path}/data`;

test('dev serves AWS clients and other commands until it is told to stop, and stops cleanly', async () => {
  const { child, finished } = start(['dev', '--port', '0', '--data-dir', dataDir]);
  const endpoint = await new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      const found = /listens at (\S+)/.exec(String(chunk));
      if (found?.[1] !== undefined) resolve(found[1]);
    });
  });
  const sfn = new SFNClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  expect(stateMachines.map(({ name }) => name)).toContain('statebag-v3-local');
  const workflow = { name: 'attached', version: '1', nodes: [{ id: 'a', type: 'data_transform', output_key: 'x', config: { transform: '{% 1 + 1 %}' } }] };
  const attached = await statebag('run', folder.file('w.json', workflow), '--data-dir', dataDir, '--json');
  expect(resultOf(attached).output).toEqual({ x: 2 });
  const taken = await statebag('dev', '--port', new URL(endpoint).port, '--data-dir', `${folder.path}/other`);
  expect({ code: taken.code, stderr: taken.stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/another process listens there\n {2}mend: /) });
  child.kill('SIGTERM');
  expect(await finished).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\d+ state machines/) });
});
