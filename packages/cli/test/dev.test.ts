import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunView } from '@statebag/contracts';
import { type Dev, resultOf, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
const dataDir = `${folder.path}/data`;
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(dataDir);
});
afterAll(() => folder.remove());

const workflow = (name: string, expression: string) => ({
  ...{ name, version: '1' },
  nodes: [{ id: 'x', type: 'data_transform', output_key: 'x', config: { transform: `{% ${expression} %}` } }],
});

test('dev serves AWS clients and other commands, and says so where its port is taken', async () => {
  const sfn = new SFNClient({ endpoint: dev.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  sfn.destroy();
  expect(stateMachines.map(({ name }) => name)).toContain('statebag-v3-local');
  const attached = await statebag('run', folder.file('w.json', workflow('attached', '1 + 1')), '--data-dir', dataDir, '--json');
  expect(resultOf(attached).output).toEqual({ x: 2 });
  const taken = await statebag('dev', '--port', new URL(dev.endpoint).port, '--data-dir', `${folder.path}/other`);
  expect({ code: taken.code, stderr: taken.stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/another process listens there\n {2}mend: /) });
});

test('dev serves the API over HTTP to whoever has a token of this machine', async () => {
  const headers = { authorization: 'Bearer local', 'idempotency-key': 'k' };
  const body = JSON.stringify({ workflow_id: 'hello', workflow: workflow('hello', '1 + 1') });
  const started = await fetch(`${dev.api}/runs`, { method: 'POST', headers, body });
  const again = await fetch(`${dev.api}/runs`, { method: 'POST', headers, body });
  expect([started.status, again.status]).toEqual([201, 200]);
  const { execution_id } = (await started.json()) as RunView;
  const watched = resultOf(await statebag('resume', execution_id, '--json', '--data-dir', dataDir));
  expect(watched.output).toEqual({ x: 2 });
  const status = async (path: string, given: Record<string, string>) => (await fetch(`${dev.api}${path}`, { headers: given })).status;
  expect(await status(`/runs/${execution_id}`, headers)).toBe(200);
  expect(await status(`/runs/${execution_id}`, { authorization: 'Bearer eve' })).toBe(404);
  expect(await status('/runs', {})).toBe(401);
  expect(await status('/nothing', headers)).toBe(404);
  const detached = await statebag('run', folder.file('d.json', workflow('d', '2')), '--detach', '--data-dir', dataDir);
  expect(detached).toMatchObject({ code: 0, stdout: expect.stringMatching(/^d-\S+\n$/), stderr: expect.stringMatching(/^d-/) });
});

test('dev stops cleanly when it is told to', async () => {
  expect(await dev.stop()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\d+ state machines/) });
});
