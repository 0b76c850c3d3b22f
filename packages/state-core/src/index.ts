/** The merge and what every caller of the core needs. Everything else has a path of its own. */
export { byteSizeOf, canonicalJson, sha256Of } from './core/canonical-json.ts';
export {
  fieldPointer,
  type PlanContext,
  type PlannedWrite,
  planWrite,
  type Thresholds,
  type ValueAddress,
} from './core/planned-write.ts';
export {
  planFirstSync,
  planSync,
  type SyncContext,
  sealPlan,
  universalSyncCore,
} from './universal-sync-core.ts';
