import { byteSizeOf } from '@statebag/state-core';
import fc from 'fast-check';
import { CHARACTERS, type Fill } from './schemas.ts';

export type { Fill } from './schemas.ts';

/** Ways to fill the schemas of one case. */
export const fills = fc.array(
  fc.record({
    part: fc.oneof(fc.constant(1), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    character: fc.constantFrom(...CHARACTERS),
    seed: fc.nat(),
  }),
  { minLength: 2, maxLength: 2 },
);

/** Everything as long as it may be, of the character that takes most; of several values the longest. */
export const FULL: Fill = {
  part: 1,
  character: '\u0001',
  choose: (values) =>
    values.reduce((most, each) => (byteSizeOf(each) > byteSizeOf(most) ? each : most), values[0] ?? null),
};

export function fillOf({ part, character, seed }: { part: number; character: string; seed: number }): Fill {
  let state = seed;
  return {
    part,
    character,
    choose: (values) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return values[Math.floor((state / 2 ** 31) * values.length)] ?? null;
    },
  };
}
