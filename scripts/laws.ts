/** `npm run laws [-- name…] [--seed N] [--share 0.1]`: every law at its full count. `npm test` runs the same laws at a tenth or less. */
import { parseArgs } from 'node:util';

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
  'long-loop': {
    promise: 'a loop of thousands of segments goes on in new executions and ends as one run',
    count: 5_000,
    run: async (options) => (await import('./laws/long-loop.ts')).prove(options),
  },
  workflow: {
    promise: 'a workflow ends with the same state in segments as in memory, with time and without',
    count: 1_000,
    run: async (options) => (await import('./laws/workflow.ts')).prove(options),
  },
  'state-core': {
    promise: 'round trip, idempotence, order independence and budget of the sync core',
    count: 1_000,
    run: async ({ count, seed }) => {
      await (await import('./laws/state-core.ts')).run({ cases: count, seed });
      return 'all hold';
    },
  },
  mutants: {
    promise: 'the tests of the sync core notice when its pure part is changed',
    count: 1,
    run: async () => (await import('./laws/mutants.ts')).run(),
  },
  'kill-points': {
    promise: 'an execution whose process dies at any point ends as if it had not',
    count: 200,
    run: async (options) => {
      const { violations, killed, repeatedTasks } = await (await import('./laws/kill-points.ts')).run(options);
      if (violations.length > 0) throw new Error(violations.join('\n'));
      return `${killed} runs killed, ${repeatedTasks} tasks repeated`;
    },
  },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' }, share: { type: 'string', default: '1' } } });
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const share = Number(values.share);
const unknown = positionals.filter((name) => !(name in LAWS));
if (unknown.length > 0 || !Number.isInteger(seed) || !(share > 0)) {
  console.error(`usage: npm run laws [-- name…] [--seed <whole number>] [--share <part of the full count>]\nlaws: ${Object.keys(LAWS).join(', ')}`);
  process.exit(2);
}

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
