import { createRequire } from 'node:module';

/** Functions that may be at work at the same time. */
interface Places {
  /** In the whole account. */
  readonly all: number;
  /** Of these, what no function has to itself. */
  readonly unreserved: number;
  /** What one run may have of them. */
  readonly atOnce: number;
}

interface Asking {
  placesOf(region: string): Promise<Places>;
  atOnceOf(unreserved: number): number;
}

const require = createRequire(import.meta.url);
const asking: Asking = require('../functions-at-once.cjs');

/** What one run may have of so many places. */
export const atOnceOf = asking.atOnceOf;

/** What an operator is told of it before a deployment. */
export async function functionsLine(stage: string, region: string): Promise<string> {
  const { all, unreserved, atOnce } = await asking.placesOf(region);
  const chosen = chosenOf(stage);
  const places = `${unreserved} of ${all} functions of this account work for all`;
  if (chosen === undefined)
    return `${places}: a run has at most ${atOnce} branches or workers at work, whatever its workflow says`;
  const most = Number(chosen);
  const warning = most > unreserved ? ': that is more than there are, and runs will wait for each other' : '';
  return `${places}; functionsAtOnce lets a run have ${most} branches or workers at work${warning}`;
}

function chosenOf(stage: string): string | undefined {
  const stages: Readonly<Record<string, Readonly<Record<string, string>>>> = require('../stages.cjs');
  return { ...stages['default'], ...stages[stage] }['functionsAtOnce'];
}
