import { ModuleMocker } from 'jest-mock';

/**
 * What `@jest/globals` is to modules that Node loads. A module that several suites import, as a harness does, is
 * loaded once: it sees these change with the suite that runs.
 */
export let describe;
export let test;
export let expect;
export let beforeAll;
export let beforeEach;
export let afterAll;
export let afterEach;

export const jest = Object.assign(new ModuleMocker(globalThis), {
  setTimeout(ms) {
    globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = ms;
  },
});

/** Says what they are in the suite that runs from now on. */
export function use(globals) {
  ({ describe, test, expect, beforeAll, beforeEach, afterAll, afterEach } = globals);
}
