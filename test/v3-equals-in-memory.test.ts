import { expect, test } from '@jest/globals';
import { prove } from '../scripts/laws/v3-equals-in-memory.ts';

const COUNT = 100;

test(`${COUNT} generated workflows end with the same state on the state machine as in memory`, async () => {
  expect(await prove({ count: COUNT, seed: Date.now() % 2 ** 31 })).toBe(`${COUNT} workflows ended the same`);
}, 300_000);
