/**
 * Node loads the modules of tests: see testRunner. With --coverage and --watch Jest loads them, as ES modules of
 * Node; swc only strips types.
 */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/{packages,services,stepfunctions,scripts,test}/**/*.test.ts'],
  modulePathIgnorePatterns: [
    '<rootDir>/.*/\\.(build|esbuild|serverless|package|stryker-tmp)/',
    '/\\.(build|esbuild|serverless|package|stryker-tmp)/',
  ],
  // Real processes on a busy machine: a limit that only a hang reaches.
  testTimeout: 60_000,
  // Most tests wait for processes of their own; a core left idle is a minute lost.
  maxWorkers: '100%',
  globalSetup: '<rootDir>/test/before-all.mjs',
  globalTeardown: '<rootDir>/test/after-all.mjs',
  testRunner: '<rootDir>/test/in-node/runner.mjs',
  testSequencer: '<rootDir>/test/longest-first.cjs',
  watchman: false,
  // With --coverage (npm run coverage): of the sync core, on which everything else relies.
  coverageProvider: 'v8',
  collectCoverageFrom: ['packages/state-core/src/**/*.ts', '!**/*.test.ts', '!**/*.contract.ts'],
  coverageReporters: ['text'],
  coverageThreshold: { global: { branches: 95 } },
};
