import { type Static, Type } from 'typebox';
import { FailedSegmentSchema, StateHistorySchema, UsageSchema } from './history.ts';
import { BranchPointerSchema } from './pointers.ts';
import { closed } from './scalars.ts';
import { DeltaSchema } from './segment-result.ts';

const { branch_id, branch_index, status } = BranchPointerSchema.properties;

/** What a branch pointer leads to: everything the branch changed so far, as the join takes it in. */
export const BranchRecordSchema = closed({
  schema_version: Type.Literal(1),
  branch_id,
  branch_index,
  status,
  /** Operations of all its segments, in their order. */
  delta: DeltaSchema,
  history: StateHistorySchema,
  usage: UsageSchema,
  failures: Type.Array(FailedSegmentSchema),
});
export type BranchRecord = Static<typeof BranchRecordSchema>;
