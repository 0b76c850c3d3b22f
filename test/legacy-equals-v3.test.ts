import { expect, test } from '@jest/globals';
import { prove } from '../scripts/laws/legacy-equals-v3.ts';

const COUNT = 100;

test(`${COUNT} generated workflows end with the same state and history on both generations`, async () => {
  expect(await prove({ count: COUNT, seed: Date.now() % 2 ** 31 })).toBe(`${COUNT} workflows ended the same`);
}, 300_000);
