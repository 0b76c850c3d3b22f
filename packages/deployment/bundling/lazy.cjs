const { readdirSync } = require('node:fs');
const { readFile } = require('node:fs/promises');
const { dirname, relative, resolve } = require('node:path');
const { brotliCompressSync, constants } = require('node:zlib');
const { inBatches, settingsOf } = require('./in-batches.cjs');

/**
 * Keeps what our own code imports dynamically out of a cold start. In one CommonJS file a dynamic import puts
 * off running a module, but Node still reads and parses it; here
 * it becomes a bundle of its own, compressed in a text, which is compiled when it is first asked for. It
 * stays one file, so AWS, `invoke local` and the local cloud load it alike.
 */
const lazy = {
  name: 'lazy',
  setup(build) {
    const options = settingsOf(build);
    const root = options.absWorkingDir ?? process.cwd();
    const inputs = { [relative(root, __filename)]: { bytes: 0, imports: [] } };

    // Only our own modules are looked at: asking about every import of every dependency would take most of a
    // build.
    build.onLoad({ filter: OWN_MODULE, namespace: 'file' }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return text.includes('import(')
        ? { loader: 'ts', contents: text.replaceAll(DYNAMIC_IMPORT, `import($1${PREFIX}`) }
        : undefined;
    });

    build.onResolve({ filter: new RegExp(`^${PREFIX}`) }, async ({ kind, path, importer, resolveDir }) => {
      const found = await build.resolve(path.slice(PREFIX.length), { kind, importer, resolveDir });
      return found.errors.length > 0 || found.external ? found : { path: found.path, namespace: 'lazy' };
    });

    build.onLoad({ filter: /./, namespace: 'lazy' }, async ({ path }) => {
      const module = await bundled(path, () =>
        buildModules(relative(root, path), { ...options, absWorkingDir: root }, build.esbuild),
      );
      Object.assign(inputs, module.inputs, {
        [PREFIX + path]: { bytes: 0, imports: [{ path: relative(root, path), kind: 'dynamic-import' }] },
      });
      return {
        loader: 'js',
        resolveDir: dirname(path),
        contents: loading(module.contents, relative(__dirname, path)),
      };
    });

    // Whoever asks what a bundle was made from is told of these modules too.
    build.onEnd(({ metafile }) => void (metafile && Object.assign(metafile.inputs, inputs)));
  },
};

/** Dependencies ship JavaScript; what is TypeScript is ours. */
const OWN_MODULE = /\.ts$/;
const DYNAMIC_IMPORT = /\bimport\((['"])/g;
const PREFIX = 'lazy:';

/**
 * Several functions load the same module late; it is bundled once a build, as long as what it is made of
 * cannot have changed meanwhile.
 */
const recent = new Map();
const SAME_BUILD_MS = 10_000;

function bundled(path, build) {
  const known = recent.get(path);
  if (known && Date.now() - known.at < SAME_BUILD_MS) return known.bundle;
  const bundle = build();
  recent.set(path, { at: Date.now(), bundle });
  return bundle;
}

function packed(code) {
  return brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).toString('base64');
}

/**
 * A module that is the bundle, once somebody requires it. Its name does not tell where it was built: the same
 * code is the same bundle.
 */
function loading(code, name) {
  const text = packed(code);
  return `
    const { compileFunction, constants } = require('node:vm');
    const { brotliDecompressSync } = require('node:zlib');
    const code = brotliDecompressSync(Buffer.from(${JSON.stringify(text)}, 'base64')).toString();
    const options = { filename: __filename + ${JSON.stringify(`#${name}`)}, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
    compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], options)(exports, require, module, __filename, __dirname);
  `;
}

/**
 * Lambda hands a function its credentials in the environment, and so does the local cloud. The SDK would look
 * in eight further places (profiles, single sign-on, instance
 * metadata, …), whose clients are a sixth of a bundle and are parsed at every cold start. Where the
 * environment has none, the first request says so.
 */
const credentialsFromEnvironment = {
  name: 'credentials-from-environment',
  setup(build) {
    build.onLoad({ filter: /credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, () => ({
      loader: 'js',
      contents: `export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';`,
    }));
  },
};

/**
 * A module that runs in a process or thread of its own has no file beside the bundle: `new URL('./it.ts',
 * import.meta.url)` becomes the text of its bundle, which is unpacked where it is asked for.
 */
const textOfModule = {
  name: 'text-of-module',
  setup(build) {
    const options = settingsOf(build);
    build.onLoad({ filter: /own-process\.ts$/, namespace: 'file' }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8')).replaceAll(
        MODULE_ADDRESS,
        `require($1${TEXT_PREFIX}$2$1).text`,
      ),
    }));
    build.onResolve({ filter: new RegExp(`^${TEXT_PREFIX}`) }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.slice(TEXT_PREFIX.length)),
      namespace: 'text-of-module',
    }));
    build.onLoad({ filter: /./, namespace: 'text-of-module' }, async ({ path }) => {
      const { contents, inputs } = await bundled(path, () => {
        const root = options.absWorkingDir ?? process.cwd();
        const external = [...(options.external ?? []), '*/own-process.ts']; // it is what starts the module
        return buildTexts(relative(root, path), { ...options, absWorkingDir: root, external }, build.esbuild);
      });
      return {
        loader: 'js',
        watchFiles: Object.keys(inputs).map((file) => resolve(options.absWorkingDir ?? '.', file)),
        contents: `
          const { brotliDecompressSync } = require('node:zlib');
          exports.text = brotliDecompressSync(Buffer.from(${JSON.stringify(packed(contents))}, 'base64')).toString();
        `,
      };
    });
  },
};

const MODULE_ADDRESS = /new URL\((['"])(\.[^'"]+\.ts)\1, import\.meta\.url\)/g;
const TEXT_PREFIX = 'text-of-module:';

/** Modules of a folder of nodes: as `nodeModules` of @statebag/workflow lists them. */
const NODE_MODULE = /^(?!.*\.(?:test|spec|d)\.[cm]?[jt]s$)[^.].*\.[cm]?[jt]s$/;

/** Puts the node types of a project into the functions that check and run workflows. */
const ownNodes = {
  name: 'own-nodes',
  setup(build) {
    const folder = process.env.STATEBAG_OWN_NODES;
    if (!folder) return;
    build.onLoad({ filter: /workflow\/src\/own\/deployed-nodes\.ts$/ }, () => {
      const files = readdirSync(folder).filter((name) => NODE_MODULE.test(name));
      const paths = files.sort().map((name) => JSON.stringify(resolve(folder, name)));
      return {
        loader: 'ts',
        watchDirs: [resolve(folder)],
        contents: `${paths.map((path, index) => `import * as m${index} from ${path};`).join('\n')}
export const DEPLOYED_MODULES: readonly object[] = [${paths.map((_, index) => `m${index}`)}];`,
      };
    });
  },
};

/** The build that asks finds these modules one after the other, and cannot end before it has all of them. */
const WAIT_MS = 100;
const buildModules = inBatches({ plugins: [textOfModule], waitMs: WAIT_MS });
const buildTexts = inBatches({ plugins: [], waitMs: WAIT_MS });

module.exports = [lazy, textOfModule, credentialsFromEnvironment, ownNodes];
