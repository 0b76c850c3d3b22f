import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before the workers of Jest begin. */
export default function beforeAll({ rootDir, testPathPatterns: { patterns } }) {
  // Every law adds the number of its cases to this file; after-all.mjs prints the sum.
  process.env['STATEBAG_LAW_CASES'] = join(mkdtempSync(join(tmpdir(), 'statebag-cases-')), 'cases');
  // The same cases each time; the weekly workflow draws new ones.
  process.env['STATEBAG_LAW_SEED'] ??= '1';
  if (patterns.length === 0 && !existsSync(join(rootDir, '.build'))) bundle(rootDir);
}

/**
 * Jest's workers begin with suites that deploy the app. In a fresh clone each would package all templates and
 * bundle all functions, all at the same time: here it is done before, once, with the command line. Some tests alone may need none.
 */
function bundle(rootDir) {
  const bundling = `const { bundleApp, currentApp } = await import('@statebag/deployment/stack'); const { bundleProgram } = await import('./packages/cli/src/own-bundle.ts'); await Promise.all([currentApp(), bundleApp(), bundleProgram()]);`;
  execFileSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', bundling],
    { cwd: rootDir, stdio: 'inherit' },
  );
}
