import type { Findings } from './check.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';

/** A test waits for events, or looks often: what it sleeps adds up over a thousand tests, and a slow machine makes it wrong. */
const LONGEST_MS = 100;

/** A promise of the clock, and what says for how long: a number, or a constant of the same file. */
const SLEEP = /\bpause\(([\w.]+)\)|\bsetTimeout\(\w*(?:resolve|done)\w*, ([\w.]+)\)|\bsleep\(([\w.]+)\)/g;
/** Whoever sleeps so long hangs on purpose, until something ends it. */
const HANG_MS = 60_000;

/** Tests, and what they are made of, sleep at most 100 ms of real time. */
export function checkSleeps(): Findings {
  return { problems: sourceFiles().filter(isTest).flatMap(problemsOf) };
}

function isTest({ path }: SourceFile): boolean {
  return /\.(test|contract)\.ts$|^(services|packages)\/[^/]+\/test\/|^test\/|^scripts\/(laws|simulate|vectors|compat)\//.test(path);
}

function problemsOf({ path, text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, index) => {
    const sleeps = [...line.matchAll(SLEEP)].map(([, ...given]) => millisecondsOf(given.find((each) => each !== undefined) ?? '', text));
    return sleeps
      .filter((slept) => slept > LONGEST_MS && slept < HANG_MS)
      .map((slept) => `${path}:${index + 1}: sleeps ${slept} ms; at most ${LONGEST_MS}, or wait for what is to happen`);
  });
}

/** What is computed is not known here. */
function millisecondsOf(amount: string, text: string): number {
  const declared = new RegExp(`\\bconst ${amount} = ([\\d_]+);`).exec(text)?.[1];
  const number = Number((declared ?? amount).replaceAll('_', ''));
  return Number.isNaN(number) ? 0 : number;
}
