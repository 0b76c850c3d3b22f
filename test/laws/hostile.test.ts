import { expect, test } from '@jest/globals';
import { lawSeed } from '@statebag/law';
import { prove } from './hostile.ts';
import { HOSTILE_ROWS } from './hostile-rows.ts';

/** `npm run laws -- hostile` runs 1,000. */
const COUNT = HOSTILE_ROWS.length + 10;

test(`${COUNT} hostile workflows end as they may, within time and memory, and show nothing of others`, async () => {
  expect(await prove({ count: COUNT, seed: lawSeed() })).toContain(`${COUNT} ended as they may`);
}, 600_000);
