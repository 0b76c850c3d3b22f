import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Jest's workers begin with suites that deploy the app. In a fresh clone each would bundle all functions, all at the same time: here it is done before, once. Some tests alone may need none. */
export default function bundledOnce({ rootDir, testPathPatterns: { patterns } }) {
  if (patterns.length > 0 || existsSync(join(rootDir, '.build'))) return;
  const bundling = `const { bundleApp } = await import('@statebag/local-cloud'); await bundleApp(${JSON.stringify(rootDir)});`;
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', bundling], { cwd: rootDir, stdio: 'inherit' });
}
