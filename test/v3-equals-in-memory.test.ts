import { expect, test } from '@jest/globals';
import { run } from '../scripts/laws/v3-equals-in-memory.ts';

const COUNT = 100;

test(`${COUNT} generated workflows end with the same state on the state machine as in memory`, async () => {
  const seed = Date.now();
  const comparisons = await run({ count: COUNT, seed });
  const different = comparisons.filter(({ status, segmented, inMemory }) => status !== 'SUCCEEDED' || segmented !== inMemory);
  expect({ seed, different }).toEqual({ seed, different: [] });
});
