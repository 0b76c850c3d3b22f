export { type CompressedPayload, compressPayload, decompressPayload } from './compressed-payload.ts';
export { deepMerge } from './deep-merge.ts';
export { type LegacyPlan, planLegacyBag } from './plan-legacy-bag.ts';
export { updateLegacyBag } from './update-legacy-bag.ts';
