import { appendFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest, use } from './globals.mjs';

enableCompileCache();
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals'
      ? { url: import.meta.resolve('./globals.mjs'), shortCircuit: true }
      : next(specifier, context),
});

const require = createRequire(import.meta.url);
const runInCircus = require('jest-circus/runner').default ?? require('jest-circus/runner');
const FRAMEWORK = join(dirname(require.resolve('jest-circus/runner')), 'jestAdapterInit.js');

/**
 * Jest's own runner of tests, over modules that Node loads: a worker reads and compiles each module once for
 * all of its suites, where Jest's registry does so for every suite. Coverage needs that registry, and so does
 * watching, where modules change. What suites share in turn is the process: what they mock
 * and the environment are put back after each of them.
 */
export default async function runTests(globalConfig, config, environment, runtime, testPath, send) {
  if (globalConfig.collectCoverage || globalConfig.watch || globalConfig.watchAll)
    return runInCircus(globalConfig, config, environment, runtime, testPath, send);
  const before = { env: { ...process.env }, console: globalThis.console };
  globalThis.console = environment.global.console;
  watchTests(environment, nameRecording(config.rootDir, testPath));
  try {
    return await runInCircus(globalConfig, config, environment, overNode(runtime), testPath, send);
  } finally {
    jest.restoreAllMocks();
    globalThis.console = before.console;
    putBack(before.env);
  }
}

/**
 * `npm run permissions -- --record` and `npm run laws -- rights` want to know which suite has used a right, and in
 * which test: each suite has a file of its own, in which each test begins and ends with a line.
 */
function nameRecording(rootDir, testPath) {
  const folder = process.env.STATEBAG_RECORD_RIGHTS_IN;
  if (folder === undefined) return () => {};
  const suite = relative(rootDir, testPath).replaceAll('\\', '/');
  const file = join(folder, encodeURIComponent(suite));
  process.env.STATEBAG_RECORD_RIGHTS = file;
  const began = performance.now();
  return (line) => appendFileSync(file, `${JSON.stringify({ ...line, ms: performance.now() - began })}\n`);
}

/** Tells the recording of each test. With STATEBAG_FIRST_FAILURE nothing runs after a test that fails. */
function watchTests(environment, record) {
  let isOver = false;
  environment.handleTestEvent = ({ name, test }) => {
    if (name === 'test_start') {
      if (isOver) test.mode = 'skip';
      record({ test: nameOf(test) });
    }
    if (name !== 'test_done') return;
    const failed = test.errors.length > 0;
    isOver = failed && process.env.STATEBAG_FIRST_FAILURE !== undefined;
    record({ test: nameOf(test), failed });
  };
}

/** `outer inner test`, as Jest names it. */
function nameOf({ name, parent }) {
  return parent?.parent === undefined ? name : `${nameOf(parent)} ${name}`;
}

function overNode(runtime) {
  return Object.assign(Object.create(runtime), {
    requireInternalModule: freshFramework,
    setGlobalsForRuntime: (globals) => use(globals),
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: (path) => import(pathToFileURL(path).href),
  });
}

/** Its state is that of one suite. */
function freshFramework(path) {
  if (path !== FRAMEWORK) throw new Error(`expected ${FRAMEWORK}, was asked for ${path}`);
  delete require.cache[path];
  for (const kept of ['EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL']) delete globalThis[Symbol.for(kept)];
  return require(path);
}

function putBack(env) {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
}
