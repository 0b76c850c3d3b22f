const { dirname, relative } = require('node:path');
const { brotliCompressSync, constants } = require('node:zlib');

/**
 * Keeps what our own code imports dynamically out of a cold start. In one CommonJS file a dynamic import puts off running a module, but Node still reads and parses it; here
 * it becomes a bundle of its own, compressed in a text, which is compiled when it is first asked for. It stays one file, so AWS, `invoke local` and the local cloud load it alike.
 */
const lazy = {
  name: 'lazy',
  setup(build) {
    const { plugins: _, entryPoints, outdir, outfile, outExtension, write, ...options } = build.initialOptions;
    const root = options.absWorkingDir ?? process.cwd();
    const inputs = { [relative(root, __filename)]: { bytes: 0, imports: [] } };

    build.onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === RESOLVED || importer.includes('/node_modules/')) return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: RESOLVED });
      return found.errors.length > 0 || found.external ? found : { path: found.path, namespace: 'lazy' };
    });

    build.onLoad({ filter: /./, namespace: 'lazy' }, async ({ path }) => {
      const { outputFiles, metafile } = await build.esbuild.build({ ...options, entryPoints: [path], write: false, metafile: true });
      Object.assign(inputs, metafile.inputs);
      return { loader: 'js', resolveDir: dirname(path), contents: loading(outputFiles[0].contents, relative(root, path)) };
    });

    // Whoever asks what a bundle was made from is told of these modules too.
    build.onEnd(({ metafile }) => void (metafile && Object.assign(metafile.inputs, inputs)));
  },
};

const RESOLVED = Symbol('resolved');

/** A module that is the bundle, once somebody requires it. */
function loading(code, name) {
  const text = brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).toString('base64');
  return `
    const { compileFunction, constants } = require('node:vm');
    const { brotliDecompressSync } = require('node:zlib');
    const code = brotliDecompressSync(Buffer.from(${JSON.stringify(text)}, 'base64')).toString();
    const options = { filename: __filename + ${JSON.stringify(`#${name}`)}, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], options)(exports, require, module, __filename, __dirname);
  `;
}

module.exports = [lazy];
