import { type Static, Type } from 'typebox';
import {
  CountSchema,
  closed,
  EncodingSchema,
  FieldNameSchema,
  JsonObjectSchema,
  JsonSchema,
  oneOf,
  S3UriSchema,
  Sha256Schema,
  TimestampSchema,
} from './scalars.ts';

/** Where in a pack the value lies, as its bytes are written there; absent where the object is the value. */
const SLICE = { offset: Type.Optional(CountSchema), length: Type.Optional(CountSchema) };

/** Stands for one top-level value of `current_state` (or of a delta, an index or an overlay). */
export const FieldPointerSchema = closed({
  type: Type.Literal('s3_reference'),
  s3_path: S3UriSchema,
  size_kb: Type.Number({ minimum: 0 }),
  stored_at: TimestampSchema,
  size_bytes: CountSchema,
  sha256: Sha256Schema,
  encoding: EncodingSchema,
  ...SLICE,
  /**
   * In older bags, where several small fields share one object: the member of it that is this field. `sha256`
   * is then of the whole object.
   */
  pack_key: Type.Optional(FieldNameSchema),
});
export type FieldPointer = Static<typeof FieldPointerSchema>;

/** Marks a field of an overlay as deleted although the index below still has it. */
export const DeleteMarkerSchema = closed({ __deleted: Type.Literal(true) });
export type DeleteMarker = Static<typeof DeleteMarkerSchema>;

export const SchedulingSummarySchema = closed({
  total_batches: CountSchema,
  priority: JsonSchema,
  total_items: CountSchema,
  /** The full value. */
  pointer: Type.Optional(FieldPointerSchema),
});
export type SchedulingSummary = Static<typeof SchedulingSummarySchema>;

/**
 * Stands for all of `current_state`. In v3 the object behind it is an index `{ field: value or pointer }`.
 */
export const StatePointerSchema = closed({
  __s3_offloaded: Type.Literal(true),
  __s3_path: S3UriSchema,
  __original_size_kb: Type.Number({ minimum: 0 }),
  sha256: Sha256Schema,
  encoding: EncodingSchema,
  ...SLICE,
  guardrail_verified: Type.Boolean(),
  batch_count_actual: CountSchema,
  scheduling_summary: Type.Union([SchedulingSummarySchema, Type.Null()]),
  /** What changed since the index was written; folded into a new index when it grows. */
  overlay: Type.Optional(JsonObjectSchema),
});
export type StatePointer = Static<typeof StatePointerSchema>;

/**
 * Stands for the oldest history entries. Each block's object holds `{ entries, previous }`: the chain is
 * walked backwards.
 */
export const HistoryArchiveSchema = closed({
  type: Type.Literal('history_archive'),
  s3_path: S3UriSchema,
  entry_count: CountSchema,
  archived_at: TimestampSchema,
  sha256: Sha256Schema,
  encoding: EncodingSchema,
});
export type HistoryArchive = Static<typeof HistoryArchiveSchema>;

/** What a branch or a map item leaves: at most 512 bytes, whatever it produced. */
export const BranchPointerSchema = closed({
  branch_id: Type.String({ pattern: '^.{1,64}$' }),
  branch_index: CountSchema,
  status: oneOf(['COMPLETE', 'FAILED', 'CONTINUE', 'SKIPPED', 'CANCELLED']),
  s3_path: S3UriSchema,
  sha256: Sha256Schema,
});
export type BranchPointer = Static<typeof BranchPointerSchema>;
