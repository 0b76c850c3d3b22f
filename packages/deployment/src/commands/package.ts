/**
 * `npm run package [-- --release <dir>]`: packages every service as `serverless deploy` would, without
 * account or network, and looks at what came out. A release is plain CloudFormation with zips.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { commandOptions } from '../command-options.ts';
import { type Packaged, packageServices } from '../package/package-service.ts';
import { releaseOptions, releaseReadme, writeRelease } from '../package/release.ts';
import { deployables } from '../stacks.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

const USAGE = `usage: npm run package -- [--release <dir>]
Packages every service without account or network. --release writes plain CloudFormation templates and zips.`;

const { release } = commandOptions(USAGE, { options: { release: { type: 'string' } } }).values;
const options = release === undefined ? [] : releaseOptions();

/** What is wrong with the release. */
const wrong: string[] = [];

/** What was packaged goes where `serverless package` puts it, or into the release. */
function keep({ folder, problems, summary, seconds }: Packaged, artefacts: string): void {
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${folder}  ${summary}  ${seconds.toFixed(1)} s`);
  for (const problem of problems) console.log(`     ${problem}`);
  if (release === undefined) keepPackage(folder, artefacts);
  else if (problems.length === 0)
    for (const problem of writeRelease(artefacts, join(resolve(release), basename(folder))))
      wrong.push(`${folder}, released: ${problem}`);
}

/** A release has marks in place of values: it goes nowhere but into the release. */
function keepPackage(folder: string, artefacts: string): void {
  const kept = join(ROOT, folder, '.serverless');
  rmSync(kept, { recursive: true, force: true });
  if (existsSync(artefacts)) renameSync(artefacts, kept);
}

const packaged = await packageServices(deployables(ROOT), { root: ROOT, options, each: keep });
const failed = packaged.filter(({ problems }) => problems.length > 0).length;
if (release !== undefined)
  writeFileSync(
    join(resolve(release), 'README.md'),
    releaseReadme(resolve(release), readFileSync(join(ROOT, 'serverless-compose.yml'), 'utf8')),
  );
for (const problem of wrong) console.log(`FAIL ${problem}`);
console.log(`${packaged.length - failed} packaged, ${failed} failed`);
process.exit(failed === 0 && wrong.length === 0 ? 0 : 1);
