import { describe, expect, test } from '@jest/globals';
import { sleepsIn } from './sleeps.ts';

const found = (text: string, path = 'packages/a/src/b.test.ts') => sleepsIn([{ path, text }]).problems;
const TOO_LONG = 'packages/a/src/b.test.ts:1: sleeps 3000 ms; at most 100, or wait for what is to happen';
const UNKNOWN =
  'packages/a/src/b.test.ts:1: sleeps for a time that cannot be read here; write a number or a constant of this file';
const IN_PROMISE = (timer: string) => `await new Promise((resolve) => ${timer});`;

describe('a sleep that is too long is found', () => {
  test.each([
    ['a number', IN_PROMISE('setTimeout(resolve, 3_000)')],
    ['a product', IN_PROMISE('setTimeout(resolve, 3 * 1_000)')],
    ['arithmetic in parentheses', IN_PROMISE('setTimeout(resolve, (2 + 4) * 1e3 / 2)')],
    ['the longer of two ways', IN_PROMISE('setTimeout(resolve, slow ? 3_000 : 1)')],
    ['the larger of two', IN_PROMISE('setTimeout(resolve, Math.max(10, 3_000))')],
    ['a constant', `const LATE_MS = 3_000; ${IN_PROMISE('setTimeout(resolve, LATE_MS)')}`],
    [
      'a constant of constants',
      `const S = 1_000; const LATE = 3 * S; ${IN_PROMISE('setTimeout(resolve, LATE)')}`,
    ],
    [
      'a member of a constant',
      `const T = { late: 3_000 } as const; ${IN_PROMISE('setTimeout(resolve, T.late)')}`,
    ],
    ['a callback that resolves', IN_PROMISE('setTimeout(() => resolve(1), 3_000)')],
    ['a promise of another name', 'await new Promise((ok) => { setTimeout(ok, 3_000); });'],
    ['a function as executor', 'await new Promise(function (ok) { setTimeout(ok, 3_000); });'],
    ['a global', IN_PROMISE('globalThis.setTimeout(resolve, 3_000)')],
    ['a reply that is late', 'setTimeout(() => response.end(), 3_000);'],
    ['node:timers/promises', `import { setTimeout as nap } from 'node:timers/promises'; await nap(3_000);`],
    ['its own name', `import { setTimeout } from 'timers/promises'; await setTimeout(3_000);`],
    ['the whole module', `import * as clock from 'node:timers/promises'; await clock.setTimeout(3_000);`],
    ['the scheduler', `import { scheduler } from 'node:timers/promises'; await scheduler.wait(3_000);`],
    ['promisify', 'await promisify(setTimeout)(3_000);'],
    ['what promisify made', 'const nap = promisify(setTimeout); await nap(3_000);'],
    ['a blocked thread', 'Atomics.wait(cells, 0, 0, 3_000);'],
    ['a shell', `execSync('sleep 3');`],
    ['a process', `spawnSync('sleep', ['3']);`],
    ['a shell with more to do', `execFileSync('sh', ['-c', 'sleep 3 && true']);`],
    ['a shell of a module', `child.execSync('sleep 3');`],
    [
      'a function of the file',
      `const nap = (ms: number) => new Promise((ok) => setTimeout(ok, ms)); await nap(3_000);`,
    ],
  ])('%s', (_, text) => expect(found(text)).toEqual([TOO_LONG]));

  test('also in what tests are made of', () => {
    for (const path of ['test/world.ts', 'services/a/test/build.ts', 'packages/a/test/laws/law.ts'])
      expect(found('setTimeout(() => response.end(), 3_000);', path)).toHaveLength(1);
  });
});

describe('a sleep whose time cannot be read is found', () => {
  test.each([
    ['a variable', IN_PROMISE('setTimeout(resolve, later)')],
    ['a call', IN_PROMISE('setTimeout(resolve, lateness())')],
    ['an exported sleeper', 'export const nap = (ms: number) => new Promise((ok) => setTimeout(ok, ms));'],
    ['a shell', 'execSync(`sleep $' + '{seconds}`);'],
  ])('%s', (_, text) => expect(found(text)).toEqual([UNKNOWN]));
});

describe('nothing is said of', () => {
  test.each([
    ['a short sleep', IN_PROMISE('setTimeout(resolve, 2 * 50)')],
    ['at most a short sleep', IN_PROMISE('setTimeout(resolve, Math.min(left(), 20))')],
    ['the next turn', IN_PROMISE('setTimeout(resolve)')],
    ['who hangs on purpose', IN_PROMISE('setTimeout(resolve, 60_000)')],
    ['a guard', 'await new Promise((ok, no) => setTimeout(() => no(new Error("late")), 5_000));'],
    ['an abort', 'setTimeout(() => controller.abort(), 5_000);'],
    ['a limit of a test', `test('a', async () => {}, 60_000);`],
  ])('%s', (_, text) => expect(found(text)).toEqual([]));

  test('what is no test', () =>
    expect(found('setTimeout(() => next(), 3_000);', 'packages/a/src/b.ts')).toEqual([]));
});
