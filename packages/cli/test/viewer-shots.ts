/**
 * `node packages/cli/test/viewer-shots.ts <address> <folder> [<run>…]`: a picture of each page of the viewer, and
 * of further runs, to be looked at.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunList } from '@statebag/contracts/schemas/api';
import { closeBrowser, openViewer, type ViewerPage } from './browser.ts';

const [address, folder, ...further] = process.argv.slice(2);
if (address === undefined || folder === undefined) {
  process.stderr.write('usage: node packages/cli/test/viewer-shots.ts <address> <folder> [<run>…]\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const WIDTHS = [1_280, 390] as const;
const THEMES = ['light', 'dark'] as const;

const page = await openViewer(address);
for (const [name, path] of Object.entries(await pagesOf(page)))
  for (const width of WIDTHS)
    for (const theme of THEMES) {
      const file = join(folder, `${name}-${theme}-${width}.png`);
      const over = await page.picture(path, { width, theme, file });
      process.stdout.write(`${file}${over > 0 ? `: ${over} pixels wider than the window` : ''}\n`);
    }
await closeBrowser();

/** Every page, with the newest run, one that failed, one that waits, and one that worked on a list. */
async function pagesOf(viewer: ViewerPage): Promise<Record<string, string>> {
  // a route of the API gives it
  const { runs } = (await viewer.ask('/api/runs?limit=100')) as RunList;
  const newest = runs.find(({ status }) => status === 'SUCCEEDED')?.execution_id;
  const failed = runs.find(({ status }) => status === 'FAILED')?.execution_id;
  const running = runs.find(({ status }) => status === 'RUNNING')?.execution_id;
  const asked = await linkOn(viewer, '/approvals', 'main .q');
  const workflow = await linkOn(viewer, '/workflows', 'main .q:nth-last-child(3)');
  const execution = await linkOn(viewer, '/executions', 'main .runs a');
  return {
    runs: '/runs',
    ...(newest !== undefined && {
      run: `/runs/${newest}/graph`,
      state: `/runs/${newest}/state`,
      history: `/runs/${newest}/history`,
    }),
    ...(failed !== undefined && { why: `/runs/${failed}/why`, fork: `/runs/${failed}/fork` }),
    ...(running !== undefined && { running: `/runs/${running}/graph` }),
    approvals: '/approvals',
    ...(asked !== undefined && { question: asked }),
    workflows: '/workflows',
    ...(workflow !== undefined && { workflow }),
    executions: '/executions',
    ...(execution !== undefined && { execution }),
    ...Object.fromEntries(further.map((run) => [run, `/runs/${run}/graph`])),
  };
}

/** Where the first link of a kind on a page leads; undefined where the page has none. */
async function linkOn(viewer: ViewerPage, path: string, selector: string): Promise<string | undefined> {
  await viewer.go(path);
  await viewer.settled();
  const found = await viewer.evaluate(
    `document.querySelector(${JSON.stringify(selector)})?.getAttribute('href')`,
  );
  return typeof found === 'string' ? found : undefined;
}
