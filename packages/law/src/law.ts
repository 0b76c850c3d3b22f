import { randomInt } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import fc from 'fast-check';

/** How many cases have to run, and which: a seed draws the same ones again, a path goes straight to one. */
export interface Asked {
  readonly cases?: number;
  readonly seed?: number;
  readonly path?: string;
}

const CASES = 100;
/** Shrinking a large text takes minutes, and says little more than ten seconds of it do. */
const SHRINK_MS = 10_000;

/**
 * The seed of laws that name none. `npm test` gives the same one each time: a change then fails by what it
 * does, not by the luck of the draw. Where none is given each call draws another.
 */
export function lawSeed(): number {
  const given = process.env['STATEBAG_LAW_SEED'];
  if (given === undefined) return randomInt(2 ** 31);
  if (/^\d+$/.test(given)) return Number(given) % 2 ** 31;
  throw new RangeError(`STATEBAG_LAW_SEED is a whole number, not ${JSON.stringify(given)}`);
}

/**
 * Checks a property over as many cases as asked; throws where a case breaks it, and where fewer ran. The
 * promise of an async property has to be awaited.
 */
export function law<Case>(property: fc.IAsyncProperty<Case>, asked?: Asked): Promise<void>;
export function law<Case>(property: fc.IProperty<Case>, asked?: Asked): void;
export function law<Case>(property: fc.IRawProperty<Case>, asked: Asked = {}): Promise<void> | void {
  const { cases = CASES, seed = lawSeed(), path } = asked;
  const again = { seed, ...(path === undefined ? {} : { path }) };
  const ran = fc.check(property, { numRuns: cases, endOnFailure: true, ...again });
  if (ran instanceof Promise) return ran.then((details) => judgeLater(property, details, cases));
  if (ran.failed) throw broken(ran, shrink(property, ran) as fc.RunDetails<Case>); // of a property without promises
  count(ran, cases);
}

async function judgeLater<Case>(
  property: fc.IRawProperty<Case>,
  ran: fc.RunDetails<Case>,
  cases: number,
): Promise<void> {
  if (ran.failed) throw broken(ran, await shrink(property, ran));
  count(ran, cases);
}

/** Plays the case that broke the law again, and smaller ones. */
function shrink<Case>(property: fc.IRawProperty<Case>, { seed, counterexamplePath }: fc.RunDetails<Case>) {
  const path = counterexamplePath ?? '';
  return fc.check(property, { seed, path, interruptAfterTimeLimit: SHRINK_MS, markInterruptAsFailure: true });
}

/** The smallest case that was found; the first one where it did not break the law a second time. */
function broken<Case>(first: fc.RunDetails<Case>, shrunk: fc.RunDetails<Case>): Error {
  const details = shrunk.failed && shrunk.counterexample !== null ? shrunk : first;
  const cause = details.errorInstance;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${fc.defaultReportMessage(details) ?? 'the law is broken'}\n\n${why}`, { cause });
}

/** Counted where the tests run, too: `npm test` names a file to which every law adds its cases. */
function count<Case>({ numRuns }: fc.RunDetails<Case>, cases: number): void {
  if (numRuns < cases) throw new Error(`only ${numRuns} of ${cases} cases ran`);
  const file = process.env['STATEBAG_LAW_CASES'];
  if (file !== undefined) appendFileSync(file, `${numRuns}\n`);
}
