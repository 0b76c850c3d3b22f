import { expect, test } from '@jest/globals';
import { lawSeed } from '@statebag/law';
import { prove } from './v3-equals-in-memory.ts';

/**
 * With model calls that workers make, which the first generation does not know; 40 others are compared in
 * legacy-equals-v3.test.ts.
 */
const COUNT = 20;

test(`${COUNT} generated workflows with workers end with the same state on the state machine as in memory`, async () => {
  expect(await prove({ count: COUNT, seed: lawSeed() })).toBe(`${COUNT} workflows ended the same`);
}, 300_000);
