export type { DefinitionChange } from './compare-definitions.ts';
export type { Fate } from './node-fates.ts';
export {
  definitionOfRun,
  type ForkReading,
  type ForkWish,
  type PlannedFork,
  type PlannedNode,
  planFork,
  usageOf,
} from './plan-fork.ts';
export { planView, refuseSame } from './plan-view.ts';
export { type ForkPlace, startFork } from './start-fork.ts';
