/**
 * `npm run laws [-- name…] [--seed N] [--share 0.1]`: every law at its full count. `npm test` runs the same
 * laws at a tenth or less.
 */
import { commandOptions, refuseCommand } from '@statebag/deployment/command-options';

interface Law {
  readonly promise: string;
  readonly count: number;
  /** Resolves with one line of what was seen; throws where the law is broken. */
  readonly run: (options: { count: number; seed: number }) => Promise<string>;
}

const LAWS: Readonly<Record<string, Law>> = {
  'v3-equals-in-memory': {
    promise: 'a workflow ends with the same state on the state machine as in memory',
    count: 1_000,
    run: async (options) => (await import('./laws/v3-equals-in-memory.ts')).prove(options),
  },
  'legacy-equals-v3': {
    promise: 'a workflow ends with the same state and history on both generations',
    count: 300,
    run: async (options) => (await import('./laws/legacy-equals-v3.ts')).prove(options),
  },
  'v3-faults': {
    promise: 'a run ends as it would have, or fails with the reason, whichever Lambda call of it fails',
    count: 100,
    run: async (options) => (await import('./laws/v3-faults.ts')).prove(options),
  },
  'v3-kills': {
    promise: 'a run whose cloud dies at any Lambda call ends as if it had not',
    count: 30,
    run: async (options) => (await import('./laws/v3-kills.ts')).prove(options),
  },
  deployment: {
    promise:
      'a stage lives through deployments, canaries, roll-backs and removal, beside others, by the real tools',
    count: 1,
    run: async () => (await import('./laws/deployment.ts')).prove(),
  },
  rights: {
    promise: 'a statement that is taken away from its role is missed by a test',
    count: 1_000,
    run: async (options) => (await import('./laws/rights.ts')).prove(options),
  },
  hostile: {
    promise: 'a hostile workflow ends as it may, within time and memory, and shows nothing of others',
    count: 1_000,
    run: async (options) => (await import('./laws/hostile.ts')).prove(options),
  },
  commands: {
    promise: 'commands that are started and killed over one data directory lose no run',
    count: 1_000,
    run: async (options) => (await import('../packages/cli/test/laws/commands.ts')).prove(options),
  },
  'api-requests': {
    promise: 'whatever is asked, the API refuses it in its own words or does it',
    count: 1_000,
    run: async ({ count, seed }) => {
      const { ApiTestApp, chain, transform } = await import('../services/workflow-api/test/api-app.ts');
      const { everyRequestIsAnswered } = await import('../services/workflow-api/test/laws/any-request.ts');
      const app = await ApiTestApp.open();
      try {
        const { execution_id } = await app.start(chain('asked', [transform('x', '1')]));
        await everyRequestIsAnswered(app, { known: [execution_id, 'test'], cases: count, seed });
        return `${count} requests`;
      } finally {
        await app.close();
      }
    },
  },
  'long-loop': {
    promise: 'a loop of thousands of segments goes on in new executions and ends as one run',
    count: 5_000,
    run: async (options) => (await import('./laws/long-loop.ts')).prove(options),
  },
  'data-is-data': {
    promise: 'what comes in as data comes out as it was and steers nothing, at every door of a run',
    count: 1_000,
    run: async ({ count, seed }) => {
      await (await import('../packages/steps/test/laws/data-is-data.ts')).dataIsData({ cases: count, seed });
      return `${count} runs`;
    },
  },
  'store-faults': {
    promise: 'an object that is gone or damaged is said so by name, whichever read of a run finds it',
    count: 1_000,
    run: async ({ count, seed }) => {
      await (await import('../packages/steps/test/laws/store-faults.ts')).faultsAreSaid({
        cases: count,
        seed,
      });
      return `${count} reads`;
    },
  },
  replay: {
    promise: 'a run comes out of a replay as it did then, and a byte that is another one is found and placed',
    count: 300,
    run: async ({ count, seed }) => {
      await (await import('../packages/replay/test/laws/replay.ts')).replaysAreEqual({ cases: count, seed });
      return `${count} runs`;
    },
  },
  fork: {
    promise: 'a fork comes to what a fresh run comes to, and makes no call that the run made',
    count: 300,
    run: async ({ count, seed }) =>
      (await import('../packages/rollout/test/laws/fork.ts')).forksAreFresh({ cases: count, seed }),
  },
  backtest: {
    promise: 'a backtest that is stopped anywhere and goes on makes no recorded call twice',
    count: 40,
    run: async (options) => (await import('../packages/cli/test/laws/backtest.ts')).prove(options),
  },
  budget: {
    promise: 'nothing of a run exceeds its bound, with data up to every bound of its schemas',
    count: 1_000,
    run: async (options) => (await import('../packages/budget/test/laws/budget.ts')).prove(options),
  },
  'expression-bounds': {
    promise: 'no value of an expression is larger than what its budget says',
    count: 20_000,
    run: async ({ count, seed }) => {
      const { expressionsAreBounded } = await import('../packages/budget/test/laws/expression-bounds.ts');
      const bounded = await expressionsAreBounded({ cases: count, seed });
      return `${count} expressions, ${bounded} of them with a bound`;
    },
  },
  'machine-budget': {
    promise: 'nothing that a state of any machine takes or gives exceeds its bound, in both languages',
    count: 1_000,
    run: async (options) => (await import('../packages/budget/test/laws/machine-budget.ts')).prove(options),
  },
  workflow: {
    promise: 'a workflow ends with the same state in segments as in memory, with time and without',
    count: 1_000,
    run: async (options) =>
      (await import('../packages/workflow/test/laws/segmented-equals-in-memory.ts')).prove(options),
  },
  'call-ends': {
    promise: 'an unsafe call is made again exactly where it did nothing, whichever step of its request fails',
    count: 1_000,
    run: async (options) => (await import('../packages/workflow/test/laws/call-ends.ts')).prove(options),
  },
  'hidden-secrets': {
    promise: 'a secret stands in nothing that a call leaves, whatever the service repeats of it',
    count: 1_000,
    run: async (options) => (await import('../packages/workflow/test/laws/hidden-secrets.ts')).prove(options),
  },
  'state-core': {
    promise: 'round trip, idempotence, order independence and budget of the sync core',
    count: 1_000,
    run: async ({ count, seed }) => {
      await (await import('../packages/state-core/test/laws/sync-core.ts')).run({ cases: count, seed });
      return 'all hold';
    },
  },
  'start-queue': {
    promise:
      'a run that was accepted begins once, within its owner’s limit, wherever starters and dispatchers die',
    count: 300,
    run: async ({ count, seed }) => {
      await (await import('../packages/runs/test/laws/start-queue.ts')).acceptedRunsBeginOnce({
        cases: count,
        seed,
      });
      return `${count} cases`;
    },
  },
  mutants: {
    promise: 'the tests of the sync core notice when its pure part is changed',
    count: 1,
    run: async () => (await import('../packages/state-core/test/laws/mutants.ts')).run(),
  },
  'kill-points': {
    promise: 'an execution whose process dies at any point ends as if it had not',
    count: 200,
    run: async (options) => {
      const { violations, killed, repeatedTasks } = await (
        await import('../packages/states/test/laws/kill-points.ts')
      ).run(options);
      if (violations.length > 0) throw new Error(violations.join('\n'));
      return `${killed} runs killed, ${repeatedTasks} tasks repeated`;
    },
  },
};

const USAGE = `usage: npm run laws -- [name…] [--seed <whole number>] [--share <part of the full count>]
laws: ${Object.keys(LAWS).join(', ')}`;

const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: { seed: { type: 'string' }, share: { type: 'string', default: '1' } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const share = Number(values.share);
const unknown = positionals.filter((name) => !(name in LAWS));
if (unknown.length > 0) refuseCommand(`unknown law ${unknown.join(', ')}`, USAGE);
if (!Number.isInteger(seed)) refuseCommand('--seed takes a whole number', USAGE);
if (!(share > 0)) refuseCommand('--share takes a part of the full count, such as 0.1', USAGE);

let broken = 0;
for (const [name, { promise, count: full, run }] of Object.entries(LAWS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const count = Math.max(1, Math.round(full * share));
  const began = performance.now();
  console.log(`${name}: ${promise} (${count} cases, seed ${seed})`);
  try {
    const seen = await run({ count, seed });
    console.log(`  holds: ${seen}, ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  } catch (error) {
    broken += 1;
    console.error(`  BROKEN after ${((performance.now() - began) / 1_000).toFixed(1)} s:`, error);
  }
}
console.log(broken === 0 ? 'every law holds' : `${broken} broken`);
process.exit(broken === 0 ? 0 : 1);
