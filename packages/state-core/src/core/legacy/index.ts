export { applyLegacyTurn } from './apply-legacy-turn.ts';
export { type CompressedPayload, compressPayload, decompressPayload } from './compressed-payload.ts';
export { deepMerge } from './deep-merge.ts';
export { INLINE_DEFINITION, type LegacyBeginning, planFirstLegacyBag } from './first-legacy-bag.ts';
export { joinLegacyBranches, type LegacyState } from './join-legacy-branches.ts';
export { type LegacyIds, legacyIds, legacyKey } from './legacy-ids.ts';
export { isJoinedByName, legacyReducers } from './legacy-reducers.ts';
export { type LegacyAnswer, mergeLegacyAnswer } from './merge-legacy-answer.ts';
export { openLegacyBag } from './open-legacy-bag.ts';
export { type LegacyPlan, planLegacyBag, planLegacyState } from './plan-legacy-bag.ts';
export { updateLegacyBag } from './update-legacy-bag.ts';
export {
  inCanonicalOrder,
  keptStateOf,
  legacyStateOf,
  readWholeState,
  wholeStateAfter,
} from './whole-state.ts';
