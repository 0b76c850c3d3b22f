/** `npm run package`: packages every service as `serverless deploy` would, without account or network, and looks at what came out. */
import { join } from 'node:path';
import { deployables } from './package/deployables.ts';
import { packageService } from './package/package-service.ts';

const ROOT = join(import.meta.dirname, '..');
const AT_ONCE = 2;

const queue = deployables(ROOT);
const total = queue.length;
let failed = 0;

async function worker(): Promise<void> {
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    const { problems, summary, seconds } = await packageService(ROOT, folder);
    if (problems.length > 0) failed += 1;
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${folder}  ${summary}  ${seconds.toFixed(1)} s`);
    for (const problem of problems) console.log(`     ${problem}`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log(`${total - failed} packaged, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
