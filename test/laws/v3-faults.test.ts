import { expect, test } from '@jest/globals';
import { lawSeed } from '@statebag/law';
import { prove } from './v3-faults.ts';

const COUNT = 4;

test('a run ends as it would have, or fails with the reason, whichever Lambda call of it fails', async () => {
  expect(await prove({ count: COUNT, seed: lawSeed() })).toMatch(
    new RegExp(`^${COUNT} of \\d+ calls failed, once each and for good$`),
  );
}, 120_000);
