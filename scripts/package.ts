/** `npm run package [-- --release <dir>]`: packages every service as `serverless deploy` would, without account or network, and looks at what came out. A release is plain CloudFormation with zips. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deployables } from './package/deployables.ts';
import { packageService } from './package/package-service.ts';
import { releaseOptions, releaseReadme, writeRelease } from './package/release.ts';

const ROOT = join(import.meta.dirname, '..');
const AT_ONCE = 2;

const { release } = parseArgs({ options: { release: { type: 'string' } } }).values;
const options = release === undefined ? [] : releaseOptions();
const queue = deployables(ROOT);
const total = queue.length;
let failed = 0;

async function worker(): Promise<void> {
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const { problems, summary, seconds } = await packageService(ROOT, folder, options);
    if (release !== undefined && problems.length === 0) writeRelease(join(ROOT, folder, '.serverless'), join(resolve(release), basename(folder)));
    if (problems.length > 0) failed += 1;
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${folder}  ${summary}  ${seconds.toFixed(1)} s`);
    for (const problem of problems) console.log(`     ${problem}`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, worker));
if (release !== undefined)
  writeFileSync(join(resolve(release), 'README.md'), releaseReadme(resolve(release), readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8')));
console.log(`${total - failed} packaged, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
