import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApprovalList, RunDetail, RunView } from '@statebag/contracts/schemas/api';
import { type Dev, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
const dataDir = `${folder.path}/data`;
const at = ['--data-dir', dataDir];
/** Processes of the command on a machine that does other things, too. */
const LONG_MS = 180_000;
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(dataDir);
}, LONG_MS);
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

const asks = (id: string, prompt: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt } });
const offer = (first: string, last: string) => ({
  name: 'offer',
  version: '1',
  nodes: [
    asks('first', first),
    { id: 'short', type: 'operator', config: { set: { brief: '{% $substring(first, 0, 9) %}' } } },
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Send it?' } },
    asks('last', last),
  ],
  edges: [
    { from: 'first', to: 'short' },
    { from: 'short', to: 'ask' },
    { from: 'ask', to: 'last' },
  ],
  options: { llm_per_segment: 1 },
});

async function api<Body>(path: string, body?: object): Promise<Body> {
  const answer = await fetch(dev.api + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: 'Bearer local' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Body; // as the route gives it
}

/** Asks until it is as wanted; the time-out of the test ends what never is. */
async function until<Body>(path: string, wanted: (body: Body) => boolean): Promise<Body> {
  for (;;) {
    const body = await api<Body>(path);
    if (wanted(body)) return body;
    await pause(50);
  }
}

const waits = (run: string) =>
  until<ApprovalList>(`/runs/${run}/approvals`, ({ approvals }) =>
    approvals.some(({ state }) => state === 'OPEN'),
  );

async function waitingRun(document: object): Promise<string> {
  const started = await api<RunView>('/runs', { workflow_id: 'offer', workflow: document, input: {} });
  await waits(started.execution_id);
  return started.execution_id;
}

async function migrate(how: '--check' | '--apply', document: object) {
  const file = folder.file(`edited-${how.slice(2)}.json`, document);
  const { code, stdout, stderr } = await statebag('migrate', how, file, '--json', ...at);
  if (stdout === '') throw new Error(stderr);
  return { code, runs: JSON.parse(stdout) };
}

test(
  'a run that waits goes on with an edited workflow where nothing that it did is touched, and no call is repeated',
  async () => {
    const run = await waitingRun(offer('Name a colour.', 'Say more.'));
    const edited = offer('Name a colour.', 'Say less.');
    const [checked] = (await migrate('--check', edited)).runs;
    expect(checked).toMatchObject({ execution_id: run, verdict: 'compatible', reasons: [], moved_to: null });
    // something that has run is another one: it, and what read it, are in the way
    const other = await migrate('--check', offer('Name a number.', 'Say less.'));
    expect(other).toMatchObject({ code: 1, runs: [{ execution_id: run, verdict: 'in the way' }] });
    expect(other.runs[0].reasons).toEqual([
      { node_id: 'first', field: null, why: 'it has run, and is another one now' },
      { node_id: 'short', field: 'first', why: 'it has run, and first may be another one now' },
    ]);
    // what does not fit is not moved
    expect((await migrate('--apply', offer('Name a number.', 'Say less.'))).runs[0].moved_to).toBe(null);

    const applied = await migrate('--apply', edited);
    const fork = String(applied.runs[0].moved_to);
    expect(applied).toMatchObject({ code: 0, runs: [{ execution_id: run, verdict: 'compatible' }] });
    expect(fork.startsWith(`${run}.f`)).toBe(true);
    await until<RunView>(`/runs/${run}`, ({ status }) => status === 'CANCELLED');
    await waits(fork);
    // every run that is left has the edited workflow
    expect(await migrate('--check', edited)).toEqual({ code: 0, runs: [] });
    await api(`/runs/${fork}/approve`, {});
    const ended = await until<RunDetail>(`/runs/${fork}`, ({ status }) => status !== 'RUNNING');
    expect(ended.status).toBe('SUCCEEDED');
    const compared = JSON.parse((await statebag('diff', run, fork, '--json', ...at)).stdout);
    expect(compared.calls).toEqual({ left: 1, right: 1 });
  },
  LONG_MS,
);

test.each([
  ['nothing', []],
  ['both', ['--check', 'a.json', '--apply', 'a.json']],
])('migrate takes one workflow, not %s', async (_what, words) => {
  expect(await statebag('migrate', ...words, ...at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('mend: statebag migrate --check'),
  });
});
