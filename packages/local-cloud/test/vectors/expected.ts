import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from './report.ts';

const FOLDER = join(import.meta.dirname, '..', 'recorded');
const EXPECTED = join(FOLDER, 'expected.json');

/** The recorded answers that everybody has who has these sources. */
export const RECORDED = join(FOLDER, 'aws-recorded.jsonl');

/** How the vectors end: counts, and why those do not pass that do not. */
export interface Outcome {
  readonly passed: number;
  /** Causes that are the same text as AWS's. */
  readonly exact_causes: number;
  /** Histories whose events are of the same types, in the same order where that is certain. */
  readonly exact_histories: number;
  /** What differs in those that pass. */
  readonly different: Readonly<Record<string, string>>;
  readonly failed: Readonly<Record<string, string>>;
  readonly refused: Readonly<Record<string, string>>;
}

export function outcomeOf(results: readonly Result[]): Outcome {
  const failed: Record<string, string> = {};
  const refused: Record<string, string> = {};
  const different: Record<string, string> = {};
  let [passed, causes, histories] = [0, 0, 0];
  for (const { vector, verdict } of results) {
    if (verdict.kind === 'failed') failed[vector.id] = verdict.problem;
    else if (verdict.kind === 'refused') refused[vector.id] = verdict.reason;
    else {
      passed += 1;
      if (verdict.cause === 'exact') causes += 1;
      if (verdict.history === 'exact') histories += 1;
      if (verdict.differences.length > 0) different[vector.id] = verdict.differences.join('; ');
    }
  }
  return { passed, exact_causes: causes, exact_histories: histories, different, failed, refused };
}

/** What is known of the recorded file. */
export function expectedOutcome(): Outcome {
  return JSON.parse(readFileSync(EXPECTED, 'utf8')) as Outcome; // parse boundary: written by writeExpected
}

export function writeExpected(outcome: Outcome): void {
  writeFileSync(EXPECTED, `${JSON.stringify(outcome, null, 2)}\n`);
}

/** One line for each vector that ends otherwise than expected, for the worse or for the better. */
export function surprises(found: Outcome, expected: Outcome): string[] {
  const [now, known] = [shortfalls(found), shortfalls(expected)];
  const ids = [...new Set([...now.keys(), ...known.keys()])].toSorted();
  const changed = ids
    .filter((id) => now.get(id) !== known.get(id))
    .map((id) => `${id}: ${now.get(id) ?? 'passes'}; expected: ${known.get(id) ?? 'passes'}`);
  const counts = (['passed', 'exact_causes', 'exact_histories'] as const)
    .filter((count) => found[count] !== expected[count])
    .map((count) => `${count}: ${found[count]}; expected: ${expected[count]}`);
  return [...changed, ...counts];
}

function shortfalls({ different, failed, refused }: Outcome): ReadonlyMap<string, string> {
  return new Map([
    ...Object.entries(different).map(([id, problem]) => [id, `differs: ${problem}`] as const),
    ...Object.entries(failed).map(([id, problem]) => [id, `fails: ${problem}`] as const),
    ...Object.entries(refused).map(([id, reason]) => [id, `is refused: ${reason}`] as const),
  ]);
}
