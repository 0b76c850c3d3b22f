import { type ExecutionId, executionId, isId } from './ids.ts';
import { StatebagError } from './statebag-error.ts';

/** A fork is called after the run whose past it shares, so whoever knows its id knows what it may read. */
const FORK = /^(.+)\.f[0-9a-z]{4}$/;

/** The run that this one was forked from; null for one that began by itself. */
export function forkedFrom(run: ExecutionId): ExecutionId | null {
  const parent = FORK.exec(run)?.[1];
  return isId(parent) ? (parent as ExecutionId) : null; // the grammar was checked
}

/** The runs whose past a run shares: itself, the one it was forked from, the one that was forked from, … */
export function lineageOf(run: ExecutionId): readonly ExecutionId[] {
  const parent = forkedFrom(run);
  return parent === null ? [run] : [run, ...lineageOf(parent)];
}

/** The run that began all of it: its clock and its chance are those of every fork. */
export function rootOf(run: ExecutionId): ExecutionId {
  return lineageOf(run).at(-1) ?? run;
}

/**
 * The id of a fork, by four letters or digits that tell it from others of the same run.
 * @throws `Run.NotForkable` where ids of forks of forks become too long
 */
export function forkId(parent: ExecutionId, mark: string): ExecutionId {
  const id = `${parent}.f${mark}`;
  if (isId(id) && FORK.test(id)) return executionId(id);
  throw new StatebagError(
    'Run.NotForkable',
    `a fork of ${parent} would be called ${id}, which is no id: fork the run that it was forked from instead`,
  );
}
