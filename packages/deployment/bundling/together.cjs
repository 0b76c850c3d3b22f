const { readdirSync, realpathSync, rmSync } = require('node:fs');
const { basename, extname, join, relative, resolve } = require('node:path');
const { inBatches, NOWHERE } = require('./in-batches.cjs');
const plugins = require('./lazy.cjs');

/**
 * The functions of a service import much the same modules, and are bundled one by one, by serverless-esbuild
 * as by the local cloud. Here those that are asked for at about the same
 * time are made by one build, which parses every module once: each bundle comes out as it would alone, to the
 * byte, in a third of the time.
 */
const together = {
  name: 'together',
  setup(build) {
    const {
      entryPoints,
      outdir,
      outfile: _file,
      outExtension,
      write: _write,
      plugins: _plugins,
      ...given
    } = build.initialOptions;
    // One process may package several services: esbuild alone would go on resolving in the first one's
    // folder.
    const root = realpathSync(given.absWorkingDir ?? process.cwd());
    const entry = relative(root, realpathSync(resolve(root, entryPoints[0])));
    const name = basename(entry, extname(entry));
    Object.assign(build.initialOptions, {
      absWorkingDir: root,
      outdir: outdir ?? NOWHERE,
      entryPoints: [{ in: `${PREFIX}${name}${outExtension?.['.js'] ?? '.js'}`, out: name }],
    });
    if (outdir?.includes(OWN_FOLDER)) clearAway(root);

    let inputs = {};
    build.onResolve({ filter: new RegExp(`^${PREFIX}`) }, ({ path }) => ({
      path: path.slice(PREFIX.length),
      namespace: 'together',
    }));
    build.onLoad({ filter: /./, namespace: 'together' }, async () => {
      const { contents, madeFrom, errors } = await bundled(
        entry,
        { ...given, absWorkingDir: root },
        build.esbuild,
      );
      if (errors) return { errors };
      inputs = madeFrom;
      return { loader: 'copy', contents };
    });
    build.onEnd(({ metafile }) => void (metafile && Object.assign(metafile.inputs, inputs)));
  },
};

const PREFIX = 'together:';
/** How long others are waited for after the first has asked. */
const WAIT_MS = 25;

const bundlers = ['./in-batches.cjs', './lazy.cjs', './together.cjs'].map((name) => require.resolve(name));
const buildTogether = inBatches({ plugins, waitMs: WAIT_MS });

/** One function's bundle, of the next build with these settings. */
async function bundled(entry, options, esbuild) {
  try {
    const { contents, inputs } = await buildTogether(entry, options, esbuild);
    const made = bundlers.map((file) => [relative(options.absWorkingDir, file), { bytes: 0, imports: [] }]);
    return { contents, madeFrom: { ...Object.fromEntries(made), ...inputs } };
  } catch (error) {
    if (error.errors === undefined) throw error;
    return { errors: error.errors };
  }
}

/**
 * Where this process builds what it packages: another one may package, run or serve the same service at the
 * same time.
 */
const OWN_FOLDER = join('.esbuild', String(process.pid));
const cleared = new Set();

/** Takes the folder away at the end, and now those of processes that were killed. */
function clearAway(root) {
  if (cleared.has(root)) return;
  cleared.add(root);
  const remove = (pid) => rmSync(join(root, '.esbuild', pid), { recursive: true, force: true });
  process.once('exit', () => remove(String(process.pid)));
  for (const pid of readdirSync(join(root, '.esbuild'))) if (!isRunning(Number(pid))) remove(pid);
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = [together];
