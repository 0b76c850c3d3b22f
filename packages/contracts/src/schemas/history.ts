import { type Static, Type } from 'typebox';
import { MOST_FAILED_NAMED } from '../limits.ts';
import { HISTORY_STATUSES, SEGMENT_STATUSES } from '../statuses.ts';
import { HistoryArchiveSchema } from './pointers.ts';
import { CountSchema, closed, NodeIdSchema, oneOf, SegmentIdSchema, TimestampSchema } from './scalars.ts';

/**
 * Tokens and money of model calls. Money is whole billionths of a dollar, so sums do not depend on their
 * order.
 */
export const UsageSchema = closed({
  llm_calls: CountSchema,
  input_tokens: CountSchema,
  output_tokens: CountSchema,
  cost_nano_usd: CountSchema,
});
export type Usage = Static<typeof UsageSchema>;

/** How the items of a list fared: which failed, as far as a line of a history has room. */
export const ItemsSchema = closed({
  total: CountSchema,
  /** Items begin in order; those behind this one were not reached. */
  begun: CountSchema,
  failed: CountSchema,
  /** Places of the first that failed. */
  first_failed: Type.Array(CountSchema, { maxItems: MOST_FAILED_NAMED }),
});
export type Items = Static<typeof ItemsSchema>;

/** One line of a run's history. `id` alone tells a repeat. */
export const HistoryEntrySchema = closed({
  /** Deterministic: hash of execution, branch, segment, loop, node, item. */
  id: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,64}$' }),
  segment_id: SegmentIdSchema,
  node_id: NodeIdSchema,
  /** A point in it: a type that the project of the workflow declares. */
  type: Type.String({ pattern: '^[a-z_][a-z0-9_.-]{0,63}$' }),
  status: oneOf(HISTORY_STATUSES),
  started_at: TimestampSchema,
  ended_at: TimestampSchema,
  /** 1, and one more for every resume of the run. */
  attempt: Type.Integer({ minimum: 1 }),
  summary: Type.Optional(Type.String()),
  usage: Type.Optional(UsageSchema),
  /** Of a list. */
  items: Type.Optional(ItemsSchema),
});
export type HistoryEntry = Static<typeof HistoryEntrySchema>;

/** The newest entries, behind the pointer to the newest archived block where there is one. */
export const StateHistorySchema = Type.Array(Type.Union([HistoryArchiveSchema, HistoryEntrySchema]));
export type StateHistory = Static<typeof StateHistorySchema>;

/** Why a segment failed. */
export const ErrorInfoSchema = closed({
  /** A code of the catalogue, or the name of a foreign error. */
  error: Type.String({ pattern: '^[\\s\\S]{1,256}$' }),
  message: Type.String(),
  node_id: Type.Union([NodeIdSchema, Type.Null()]),
});
export type ErrorInfo = Static<typeof ErrorInfoSchema>;

/** One failed segment or branch. The one that failed the run stands first. */
export const FailedSegmentSchema = closed({
  segment_id: Type.Union([SegmentIdSchema, Type.Null()]),
  branch_path: Type.String(),
  status: oneOf(SEGMENT_STATUSES),
  error: Type.String(),
  message: Type.String(),
  node_id: Type.Union([NodeIdSchema, Type.Null()]),
});
export type FailedSegment = Static<typeof FailedSegmentSchema>;
