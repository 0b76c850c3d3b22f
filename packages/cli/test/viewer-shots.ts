/** `node packages/cli/test/viewer-shots.ts <address> <folder>`: a picture of each page of the viewer, to be looked at. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunList } from '@statebag/contracts/schemas/api';
import { closeBrowser, openViewer, type ViewerPage } from './browser.ts';

const [address, folder] = process.argv.slice(2);
if (address === undefined || folder === undefined) {
  process.stderr.write('usage: node packages/cli/test/viewer-shots.ts <address> <folder>\n');
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

/** Every page, with the newest run and the newest one that failed. */
async function pagesOf(viewer: ViewerPage): Promise<Record<string, string>> {
  // a route of the API gives it
  const { runs } = (await viewer.ask('/api/runs?limit=100')) as RunList;
  const newest = runs.find(({ status }) => status === 'SUCCEEDED')?.execution_id;
  const failed = runs.find(({ status }) => status === 'FAILED')?.execution_id;
  return {
    runs: '/runs',
    ...(newest !== undefined && { run: `/runs/${newest}/graph`, state: `/runs/${newest}/state` }),
    ...(failed !== undefined && { why: `/runs/${failed}/why` }),
    approvals: '/approvals',
    workflows: '/workflows',
    executions: '/executions',
  };
}
