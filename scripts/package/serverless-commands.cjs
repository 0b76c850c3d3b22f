/**
 * Runs serverless commands as they come, one after the other: loading the framework and its plugins takes longer than most commands do. A command ends when nothing is left to wait
 * for, as it would in a process of its own. One that fails ends the process, for what it left behind may keep it alive.
 */
const { createRequire, enableCompileCache } = require('node:module');

enableCompileCache();

const framework = createRequire(require.resolve('serverless/package.json'));
const PROGRAM = framework.resolve('./scripts/serverless.js');
/** Remembers the arguments of the command before. */
const INPUT = framework.resolve('./lib/cli/resolve-input.js');
const FAILED = framework.resolve('./lib/cli/handle-error.js');

let stdout = '';
let stderr = '';
process.stdout.write = (chunk) => {
  stdout += chunk;
  return true;
};
process.stderr.write = (chunk) => {
  stderr += chunk;
  return true;
};

function ended(code, after) {
  process.send({ code, stdout, stderr }, after);
  [stdout, stderr] = ['', ''];
}

const explain = framework(FAILED);
require.cache[FAILED].exports = (error, ...more) => {
  const explained = explain(error, ...more);
  ended(1, () => process.exit(1));
  return explained;
};

process.on('message', ({ cwd, args }) => {
  process.channel.unref();
  process.chdir(cwd);
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...args);
  delete require.cache[PROGRAM];
  delete require.cache[INPUT];
  framework(PROGRAM);
});
process.on('disconnect', () => process.exit());
process.on('beforeExit', () => {
  process.channel.ref();
  ended(0);
});
