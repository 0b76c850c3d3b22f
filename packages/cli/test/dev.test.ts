import { LambdaClient } from '@aws-sdk/client-lambda';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunList, RunView } from '@statebag/contracts/schemas/api';
import { localClaims } from '../src/cloud/call-api.ts';
import { serveViewer } from '../src/viewer/serve-viewer.ts';
import { closeBrowser, HAS_BROWSER, openViewer } from './browser.ts';
import { type Dev, resultOf, start, startDev, statebag, workFolder } from './statebag.ts';

const folder = workFolder();
const dataDir = `${folder.path}/data`;
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(dataDir);
});
afterAll(() => folder.remove());

const HOSTILE = '<script>window.hit = 1</script> \u202egnp.exe \u0000';
const FAILS = {
  name: 'contract-check',
  version: '1',
  nodes: [
    {
      id: 'count',
      type: 'data_transform',
      output_key: 'count',
      config: { transform: '{% $count(clauses) %}' },
    },
    {
      id: 'read',
      type: 'for_each',
      output_key: 'risks',
      config: {
        items: '{% clauses %}',
        body: {
          nodes: [
            {
              id: 'rate',
              type: 'data_transform',
              output_key: 'risk',
              config: {
                transform:
                  "{% $error('clause ' & $string($index + 1) & ' has risk ' & $string($item.risk)) %}",
              },
            },
          ],
        },
      },
    },
  ],
  edges: [{ from: 'count', to: 'read' }],
};
const ASKS = {
  name: 'asks',
  version: '1',
  nodes: [{ id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Sign it?' } }],
};
const ASKS_A_MODEL = {
  ...ASKS,
  nodes: [
    ...ASKS.nodes,
    {
      id: 'tell',
      type: 'llm_chat',
      output_key: 'told',
      config: { prompt: 'Tell {{ decision.choice }} in one word.' },
    },
  ],
  edges: [{ from: 'ask', to: 'tell' }],
};
const twoCalls = (last: string) => {
  const asks = (id: string, prompt: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt } });
  return {
    name: 'two-calls',
    version: '1',
    nodes: [asks('first', 'Name a colour.'), asks('last', last)],
    edges: [{ from: 'first', to: 'last' }],
    options: { llm_per_segment: 1 },
  };
};
/** A browser beside a cloud, on a machine that does other things, too. */
const IN_BROWSER_MS = 180_000;
const inBrowser = HAS_BROWSER ? test : test.skip;
afterAll(() => closeBrowser());

const workflow = (name: string, expression: string) => ({
  name,
  version: '1',
  nodes: [{ id: 'x', type: 'data_transform', output_key: 'x', config: { transform: `{% ${expression} %}` } }],
});

test('dev serves AWS clients and other commands, and says so where its port is taken', async () => {
  const sfn = new SFNClient({
    endpoint: dev.endpoint,
    region: 'us-east-1',
    credentials: dev.credentials,
  });
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  sfn.destroy();
  expect(stateMachines.map(({ name }) => name)).toContain('statebag-v3-local');
  const attached = await statebag(
    'run',
    folder.file('w.json', workflow('attached', '1 + 1')),
    '--data-dir',
    dataDir,
    '--json',
  );
  expect(resultOf(attached).output).toEqual({ x: 2 });
  const taken = await statebag(
    'dev',
    '--port',
    new URL(dev.endpoint).port,
    '--data-dir',
    `${folder.path}/other`,
  );
  expect({ code: taken.code, stderr: taken.stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/another process listens there\n {2}mend: /),
  });
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
  const status = async (path: string, given: Record<string, string>) =>
    (await fetch(`${dev.api}${path}`, { headers: given })).status;
  expect(await status(`/runs/${execution_id}`, headers)).toBe(200);
  expect(await status(`/runs/${execution_id}`, { authorization: 'Bearer eve' })).toBe(404);
  expect(await status('/runs', {})).toBe(401);
  expect(await status('/nothing', headers)).toBe(404);
  expect(await status('/runs', { ...headers, origin: 'https://evil.example' })).toBe(403);
  expect(await status('/runs', { ...headers, 'sec-fetch-site': 'cross-site' })).toBe(403);
  const detached = await statebag(
    'run',
    folder.file('d.json', workflow('d', '2')),
    '--detach',
    '--data-dir',
    dataDir,
  );
  expect(detached).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^d-\S+\n$/),
    stderr: expect.stringMatching(/^d-/),
  });
});

test('ui shows a stage that it reaches as an AWS account, and changes nothing there', async () => {
  const { child, finished } = start(
    ['ui', '--stage', 'local', '--region', 'us-east-1', '--owner', 'local', '--port', '0'],
    {
      AWS_ENDPOINT_URL: dev.endpoint,
      AWS_ACCESS_KEY_ID: dev.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: dev.credentials.secretAccessKey,
    },
  );
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('Stop with')) break;
  }
  const [, origin = '', key = ''] = /(http:\S+)\/#key=(\S+)/.exec(said) ?? [];
  const ask = (path: string, method = 'GET') =>
    fetch(origin + path, { method, headers: { 'x-statebag-key': key } });
  expect(await (await ask('/about')).json()).toMatchObject({ place: 'local, us-east-1', read_only: true });
  const { runs } = (await (await ask('/api/runs')).json()) as RunList;
  expect(runs.map(({ workflow_id }) => workflow_id)).toContain('hello');
  expect((await ask(`/api/runs/${runs[0]?.execution_id}/cancel`, 'POST')).status).toBe(403);
  child.kill('SIGTERM');
  expect((await finished).code).toBe(0);
});

inBrowser(
  'the viewer leads by keyboard to why a run failed, shows hostile state as text, and takes a decision',
  async () => {
    const failed = await startedRun(FAILS, { clauses: [{ risk: 9, text: HOSTILE }] });
    const page = await openViewer(dev.viewer);
    await page.find(`a[href="/runs/${failed}"]`);
    expect(await page.violations()).toEqual([]);
    await page.press('j', 'Enter');
    await page.find('h2:has-text("Clause 1 has risk 9.")');
    expect(await page.violations()).toEqual([]);

    await page.click('.rh .tabs a:has-text("State")');
    await page.click('button:has-text("clauses")');
    for (const key of ['ArrowDown', 'ArrowRight']) await page.pressIn('.tree', key);
    await page.find('.ctl:has-text("U+202E")');

    await page.click('.rh .tabs a:has-text("Graph")');
    await page.find('.nd.fail');
    await page.pressIn('.cv', 'ArrowUp');
    expect(await page.attribute('.cv', 'aria-label')).toMatch(/Selected: count, Succeeded/);
    await page.find('.row.sel:has-text("count")');
    await page.press(']');
    await page.find('.top5 h3:has-text("Start")');
    expect(await page.violations()).toEqual([]);

    await page.press('g', 'r');
    await page.find('tbody tr');
    const asking = await startedRun(ASKS, {});
    await page.click('button:has-text("newer")');
    await page.find(`a[href="/runs/${asking}"]`);
    await page.press('g', 'a');
    await page.find('h2:has-text("Sign it?")');
    await page.press('a', 'Enter');
    await page.find('.dec:has-text("approve by")');
    await page.go(`/runs/${asking}`);
    await page.find('.rh .st.ok');

    await page.press('g', 'w');
    await page.find('.cv .nd');
    expect(await page.violations()).toEqual([]);
    await page.press('g', 'e');
    await page.pressIn('a.q:has-text("statebag-v3-local")', 'Enter');
    await page.pressIn('tbody a', 'Enter');
    await page.find('.rows .row');
    expect(await page.violations()).toEqual([]);
    await page.go(`/runs/${failed}/graph?node=read`);
    await page.find('.strip path');
    await page.pressIn('.strip', 'ArrowRight');
    expect(await page.attribute('.strip', 'aria-label')).toMatch(/Item 1 of 1, failed/);
    for (const card of ['Graph', 'Timeline', 'Bytes at every transition'])
      await page.click(`[aria-label="${card}"] button:has-text("Table")`);
    await page.find('.as-table td:has-text("count")');
    expect(await page.violations()).toEqual([]);
    expect(await page.complaints()).toEqual([]);
  },
  IN_BROWSER_MS,
);

inBrowser(
  'the viewer shows what it missed while its server was gone, and the calls of a node',
  async () => {
    const { endpoint, credentials } = dev;
    const config = { endpoint, region: 'us-east-1', credentials };
    const clients = { lambda: new LambdaClient(config), sfn: new SFNClient(config) };
    const about = { place: 'test', read_only: false, owner: 'local', held: true, command_options: [] };
    const place = { ...clients, claims: localClaims(), key: 'a-key', about: () => about };
    const first = await serveViewer(place, 0);
    const run = await startedRun(ASKS_A_MODEL, {});
    const page = await openViewer(first.url);
    await page.go(`/runs/${run}`);
    await page.find('.rh .st.wait');
    await first.close();
    await page.find('.live .off');
    const headers = { authorization: 'Bearer local' };
    await fetch(`${dev.api}/runs/${run}/approve`, { method: 'POST', headers, body: '{}' });
    const again = await serveViewer(place, Number(new URL(first.url).port));
    await page.find('.rh .st.ok');
    await page.find('.live i:not(.off)');

    await page.go(`/runs/${run}/graph?node=tell&tab=prompt`);
    await page.find('.p pre:has-text("Tell approve in one word.")');
    await page.find('.p :text("as sent")');
    await page.press('4');
    await page.find('.p dd:has-text("Called once and recorded.")');
    expect(await page.violations()).toEqual([]);
    await again.close();
    for (const client of Object.values(clients)) client.destroy();
    await closeBrowser();
  },
  IN_BROWSER_MS,
);

inBrowser(
  'a value of 50 MB is shown by its beginning, and one of 4 MB as a tree of which only lines in sight are drawn',
  async () => {
    const rows = (count: number, letters: number) =>
      Array.from({ length: count }, (_, id) => ({ id, text: 'x'.repeat(letters) }));
    const input = folder.file('large.json', { huge: rows(50, 1_000_000), large: rows(30_000, 100) });
    const file = folder.file('w.json', workflow('large', '1'));
    const { execution_id } = resultOf(
      await statebag('run', file, '--input', input, '--data-dir', dataDir, '--json'),
    );
    const page = await openViewer(dev.viewer);
    await page.go(`/runs/${execution_id}/state`);
    await page.click('button:has-text("huge")');
    await page.find('.cut:has-text("cut here")');
    await page.click('button:has-text("large")');
    await page.find('.tree-bar');
    expect(await page.evaluate("document.querySelector('.tree-bar [role=status]').textContent")).toMatch(
      /^5.?002 lines$/, // the first 5,000 members, and a line that tells of more
    );
    expect(await page.evaluate("document.querySelectorAll('.tree .tr').length")).toBeLessThan(200);
    expect(await page.heapMb()).toBeLessThan(200);
    expect(await page.complaints()).toEqual([]);
  },
  IN_BROWSER_MS,
);

inBrowser(
  'the viewer says what a fork repeats, begins it, and shows it beside its run',
  async () => {
    const run = await startedRun(twoCalls('Say more.'), {});
    const page = await openViewer(dev.viewer);
    await page.go(`/runs/${run}`);
    await page.find('.rh .st.ok');
    await page.click('.rh a:has-text("Fork")');
    await page.click('button:has-text("Say what it repeats")');
    await page.find('[role="alert"]:has-text("nothing is different")');
    await page.choose('#fork-workflow', {
      name: 'edited.json',
      text: JSON.stringify(twoCalls('Say less.')),
    });
    await page.find('.cmd:has-text("--workflow edited.json")');
    await page.click('button:has-text("Say what it repeats")');
    await page.find('tr:has-text("Repeats"):has-text("last"):has-text("1 model call")');
    await page.find('.meta:has-text("It shares 1 result and runs 1 node again at most.")');
    expect(await page.violations()).toEqual([]);
    await page.click('button[type="submit"]:has-text("Fork")');
    await page.find(`.rh h1:has-text("${run}.f")`);
    await page.find('.rh .st.ok');
    await page.click('.rh .tabs a:has-text("Beside its run")');
    await page.click('[aria-label="Fields that differ"] button:has-text("last")');
    await page.find('[aria-label="Fields that differ"] pre');
    await page.find('h2:has-text("Beside the run") + .dim:has-text("1 field alike")');
    expect(await page.violations()).toEqual([]);
    // the browser tells of the refusal, and of nothing else
    expect((await page.complaints()).filter((each) => !each.includes('409'))).toEqual([]);
  },
  IN_BROWSER_MS,
);

/** Starts a run through the API. */
async function startedRun(document: object, input: object): Promise<string> {
  const started = await fetch(`${dev.api}/runs`, {
    method: 'POST',
    headers: { authorization: 'Bearer local' },
    body: JSON.stringify({ workflow_id: 'seen', workflow: document, input }),
  });
  return ((await started.json()) as RunView).execution_id;
}

test('dev stops cleanly when it is told to', async () => {
  expect(await dev.stop()).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/\d+ state machines/),
  });
});
