import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { OTHER_LIMITS } from '../src/limits.ts';
import { FURTHER_TRIES } from '../src/workflow/run-counts.ts';

const DEFINITIONS = join(import.meta.dirname, '..', '..', '..', 'stepfunctions', 'definitions');
const read = (name: string): Json => JSON.parse(readFileSync(join(DEFINITIONS, name), 'utf8'));

/** Every object of a definition that has a member of this name. */
function holdersOf(value: Json, name: string): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap((each) => holdersOf(each, name));
  if (!isJsonObject(value)) return [];
  const below = Object.values(value).flatMap((each) => holdersOf(each ?? null, name));
  return Object.hasOwn(value, name) ? [value[name] ?? null, ...below] : below;
}

/** What says that an account has no room for now. */
const NO_ROOM = ['Lambda.TooManyRequestsException', 'StepFunctions.AWSStepFunctionsException'];

/** Tries that wait for a free place among the functions, or for another execution. */
function isForAPlace({ ErrorEquals: errors }: JsonObject): boolean {
  return Array.isArray(errors) && NO_ROOM.some((code) => errors.includes(code));
}

describe.each(['v3.asl.json', 'v3-distributed.asl.json'])('what a budget counts of %s', (name) => {
  test('no task is tried more often than it counts', () => {
    const tries = holdersOf(read(name), 'Retry').map((retriers) =>
      Array.isArray(retriers)
        ? retriers
            .filter(isJsonObject)
            .reduce((sum, each) => sum + (isForAPlace(each) ? 0 : Number(each['MaxAttempts'])), 0)
        : 0,
    );
    expect(tries.length).toBeGreaterThan(0);
    expect(Math.max(...tries)).toBe(FURTHER_TRIES);
  });
});

test('an execution may take as long as it counts', () => {
  expect(Object(read('v3.asl.json')).TimeoutSeconds).toBe(OTHER_LIMITS.executionSeconds);
});
