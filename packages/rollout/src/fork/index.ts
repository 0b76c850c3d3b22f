export type { DefinitionChange } from './compare-definitions.ts';
export { type InTheWay, type MigrationVerdict, migrationVerdict } from './migration.ts';
export type { Fate } from './node-fates.ts';
export {
  definitionOfRun,
  type ForkReading,
  type ForkWish,
  type PlannedFork,
  planFork,
} from './plan-fork.ts';
export { planView, refuseSame } from './plan-view.ts';
export { type PlannedNode, usageOf } from './planned-nodes.ts';
export { type ForkPlace, startFork } from './start-fork.ts';
