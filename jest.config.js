/**
 * The suites that take longest, more than ten seconds each on two idle cores: commands that a person types one after
 * the other, whole deployments, laws over the whole app. `npm test` leaves them to `npm run test:journeys`; where a
 * path is given, each suite below it runs.
 */
export const JOURNEYS = [
  'packages/cli/test/backtest.test.ts',
  'packages/cli/test/daily.test.ts',
  'packages/cli/test/dev.test.ts',
  'packages/cli/test/kill.test.ts',
  'packages/cli/test/laws/backtest.test.ts',
  'packages/cli/test/mistakes.test.ts',
  'packages/cli/test/people.test.ts',
  'packages/runs/test/laws/start-queue.test.ts',
  'scripts/bench/scale.test.ts',
  'services/state-data-manager/test/sample-events.test.ts',
  'services/workflow-api/test/seldom.test.ts',
  'services/workflow-api/test/start-queue.test.ts',
  'test/additions.test.ts',
  'test/distributed-failures.test.ts',
  'test/distributed.test.ts',
  'test/documented-commands.test.ts',
  'test/fresh-account.test.ts',
  'test/laws/hostile.test.ts',
  'test/laws/legacy-equals-v3.test.ts',
  'test/laws/rights.test.ts',
  'test/offline.test.ts',
  'test/real-deployment.test.ts',
  'test/rollout-runbook.test.ts',
  'test/sample-events.test.ts',
  'test/stage.test.ts',
];

const isNamed = process.argv.slice(2).some((argument) => !argument.startsWith('-'));

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
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(isNamed ? [] : JOURNEYS.map((path) => `<rootDir>/${path}$`)),
  ],
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
