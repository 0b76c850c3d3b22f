// The same work for every engine: a state of 20 fields of 5 KB; step i reads field i and writes field i + 10.
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const STEPS = 10;
const FIELDS = 20;
const FIELD_BYTES = 5120;
/** So much of a field tells it from all others. */
const NAME = 12;

/** Texts that do not compress to nothing. */
export function makeState() {
  const text = () => randomBytes((FIELD_BYTES / 4) * 3).toString('base64');
  return Object.fromEntries(Array.from({ length: FIELDS }, (_, index) => [`f${index}`, text()]));
}

/** One step: its text with the first character moved to the end. Where a crash is tried, it takes a while. */
export async function step(text) {
  await noted(text);
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

/** Where a crash is tried, writes down when work on a field begins and ends, and has it take its time. */
export async function noted(text) {
  const { PEER_STEPS: file, PEER_STEP_MS: ms } = process.env;
  if (!file) return;
  const name = text.slice(0, NAME);
  appendFileSync(file, `+${name}\n`);
  await pause(Number(ms));
  appendFileSync(file, `-${name}\n`);
}
