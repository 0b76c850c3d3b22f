// The same work for every engine: a state of 20 fields of 5 KB; step i reads field i and writes field i + 10.
import { randomBytes } from 'node:crypto';

export const STEPS = 10;
const FIELDS = 20;
const FIELD_BYTES = 5120;

/** Texts that do not compress to nothing. */
export function makeState() {
  const text = () => randomBytes((FIELD_BYTES / 4) * 3).toString('base64');
  return Object.fromEntries(Array.from({ length: FIELDS }, (_, index) => [`f${index}`, text()]));
}

/** One step: its text with the first character moved to the end. */
export async function step(text) {
  return text.slice(1) + text[0];
}

/** All steps in order, each made durable by `keep` before the next begins. */
export async function allSteps(state, keep) {
  for (let index = 0; index < STEPS; index++) {
    state[`f${index + 10}`] = await keep(`s${index}`, () => step(state[`f${index}`]));
  }
  return state;
}

export function check(before, after) {
  for (let index = 0; index < STEPS; index++) {
    const text = before[`f${index}`];
    if (after[`f${index + 10}`] !== text.slice(1) + text[0]) throw new Error(`step ${index} is wrong`);
  }
}
