/**
 * `npm run pack-packages [-- --out <folder>] [--only <folder of the package>] [--try]`: makes the tarball of
 * every package that is published, as npm would get it, and fails where publint or Are The Types Wrong finds
 * anything in one. `--try` makes a project from them in an empty folder, runs what its README says, and
 * deploys it to an account of the local cloud.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { commandOptions } from '@statebag/deployment/command-options';
import { type Packed, packPackage } from './pack/pack-package.ts';
import { problemsOf } from './pack/problems.ts';
import { PUBLISHED } from './pack/published.ts';
import { tryProject } from './pack/try-project.ts';

const USAGE = 'usage: npm run pack-packages -- [--out <folder>] [--only <folder of the package>] [--try]';
const { values } = commandOptions(USAGE, {
  options: {
    out: { type: 'string', default: '.package/npm' },
    only: { type: 'string' },
    try: { type: 'boolean' },
  },
});
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
let failed = false;
const all: Packed[] = [];
for (const each of PUBLISHED.filter(({ folder }) => values.only === undefined || folder === values.only)) {
  const packed = await packPackage(each, out);
  all.push(packed);
  const problems = await problemsOf(packed);
  failed ||= problems.length > 0;
  console.log(
    `${problems.length === 0 ? 'ok  ' : 'FAIL'} ${packed.file} ${packed.bytes} bytes, unpacked ${packed.unpackedBytes}`,
  );
  for (const problem of problems) console.log(`     ${problem}`);
}
if (values.try === true) {
  const { createdMs, installedBytes, helpMs, deployedMs } = await tryProject(all);
  const figures = [
    ['a project made and installed', createdMs / 1_000, 60, 's'],
    ['installed', installedBytes / 1_000_000, 60, 'MB'],
    ['--help', helpMs, 300, 'ms'],
    ['deployed into an empty account', deployedMs / 1_000, 300, 's'],
  ] as const;
  for (const [what, is, most, unit] of figures) {
    failed ||= is > most;
    console.log(`${is > most ? 'FAIL' : 'ok  '} ${what}: ${is.toFixed(1)} ${unit}, at most ${most}`);
  }
}
process.exit(failed ? 1 : 0);
