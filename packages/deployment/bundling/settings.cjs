/**
 * How every function is bundled, on its way to AWS (serverless-esbuild reads this) and for the local cloud.
 * One CommonJS file: the fastest cold import, and `invoke local` loads nothing else.
 */
module.exports = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  minify: true,
  keepNames: true, // Step Functions matches on error names
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // The SDK's `import('node:http')` would have Node read every export of it, and with those of web sockets all
  // of undici: a third of a cold start. `require` reads what is used.
  supported: { 'dynamic-import': false },
  // a bundle has no address, and addressOf of load-own-nodes.ts asks for it
  logOverride: { 'empty-import-meta': 'silent' },
  outputFileExtension: '.cjs',
  exclude: [], // the SDK is bundled: its version is ours, not the runtime's
  packager: 'pnpm',
  plugins: '../../packages/deployment/bundling/together.cjs', // as a service's folder sees it
  // two processes that build the same service at the same time do not step on each other
  outputWorkFolder: `.esbuild/${process.pid}`,
};
