const { resolve } = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

/**
 * Bundles single modules, several by one build: those that are asked for with the same settings within
 * `waitMs`. Such a build parses every module once, and each bundle comes out as it would alone, to the byte.
 */
function inBatches({ plugins, waitMs }) {
  /** Builds that have not begun, by their settings. */
  const waiting = new Map();

  return async (entry, options, esbuild) => {
    const key = JSON.stringify(options);
    const next = waiting.get(key) ?? { entries: new Set() };
    waiting.set(key, next);
    next.entries.add(entry);
    next.built ??= pause(waitMs).then(() => {
      waiting.delete(key);
      return esbuild.build({
        ...options,
        plugins,
        entryPoints: [...next.entries],
        outdir: NOWHERE,
        outbase: '.',
        write: false,
        metafile: true,
      });
    });
    return taken(entry, await next.built, options.absWorkingDir);
  };
}

const NOWHERE = '.together';

/** What a build of several made for one entry. */
function taken(entry, { outputFiles, metafile }, root) {
  const [path] = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === entry.replaceAll('\\', '/'),
  );
  const { contents } = outputFiles.find((file) => file.path === resolve(root, path));
  return { contents, inputs: reachedFrom(entry, metafile.inputs) };
}

/** The inputs that an entry leads to. */
function reachedFrom(entry, inputs) {
  const reached = new Map();
  const paths = [entry];
  for (const path of paths) {
    const input = inputs[path];
    if (input === undefined || reached.has(path)) continue;
    reached.set(path, input);
    paths.push(...input.imports.map((each) => each.path));
  }
  return Object.fromEntries(reached);
}

/** How a build was asked to bundle, without what it bundles, where to, and by which plugins. */
function settingsOf({
  initialOptions: { plugins, entryPoints, outdir, outbase, outfile, outExtension, write, ...settings },
}) {
  return settings;
}

module.exports = { inBatches, settingsOf, NOWHERE };
