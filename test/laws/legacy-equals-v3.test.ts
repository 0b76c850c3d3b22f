import { expect, test } from '@jest/globals';
import { lawSeed } from '@statebag/law';
import { prove } from './legacy-equals-v3.ts';

/**
 * Each is run twice, the first time with the whole state in every payload; `npm run laws -- legacy-equals-v3`
 * runs 300.
 */
const COUNT = 40;

test(`${COUNT} generated workflows end with the same state and history on both generations, and with the state of evaluation in memory`, async () => {
  expect(await prove({ count: COUNT, seed: lawSeed() })).toBe(`${COUNT} workflows ended the same`);
}, 600_000);
