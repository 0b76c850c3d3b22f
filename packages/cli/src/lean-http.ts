import type { Plugin } from 'esbuild';

/**
 * An `import` of node:http has Node read all of its exports, and with those of web sockets it loads all of
 * undici: a tenth of a second of every command. Asked for in this way it gives what is used.
 */
export const leanHttp: Plugin = {
  name: 'lean http',
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, () => ({ path: 'node:http', namespace: 'lean-http' }));
    build.onLoad({ filter: /./, namespace: 'lean-http' }, () => ({
      loader: 'js',
      contents: `module.exports = process.getBuiltinModule('node:http');`,
    }));
  },
};
