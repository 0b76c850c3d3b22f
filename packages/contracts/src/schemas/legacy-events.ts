import { type Static, Type } from 'typebox';
import { JsonObjectSchema, JsonSchema, nullable, TimestampSchema } from './scalars.ts';

/**
 * Events of the first generation are open: what a function does not know is kept or left alone, never
 * refused.
 */
const now = Type.Optional(TimestampSchema);
/** What the bag may take before it becomes compressed text. */
const max_payload_size_kb = Type.Optional(Type.Number({ exclusiveMinimum: 0 }));

/**
 * initializeStateData without an action: `start` is what the machine was started with, or the event itself
 * is.
 */
export const LegacyInitEventSchema = Type.Object({
  start: Type.Optional(JsonObjectSchema),
  /** Names the run where the start does not. */
  execution_name: Type.Optional(Type.String()),
  now,
});
export type LegacyInitEvent = Static<typeof LegacyInitEventSchema>;

/**
 * executeSegment without a `schema_version`: the whole state, in `state_data` or beside the other members.
 */
export const LegacyExecuteSegmentEventSchema = Type.Object({
  state_data: Type.Optional(JsonObjectSchema),
  current_state: Type.Optional(nullable(JsonObjectSchema)),
  segment_config: Type.Optional(nullable(JsonObjectSchema)),
  segment_config_s3_path: Type.Optional(nullable(Type.String())),
  /** `aggregator`: the branches of the group that ran before are joined. */
  segment_type: Type.Optional(nullable(Type.String())),
  /** Of an aggregator: what the branches left, inline or as pointers. */
  parallel_results: Type.Optional(Type.Array(JsonObjectSchema)),
  now,
});
export type LegacyExecuteSegmentEvent = Static<typeof LegacyExecuteSegmentEventSchema>;

/** mergeCallback: a person's answer, as text or as data. */
export const LegacyMergeCallbackEventSchema = Type.Object({
  state_data: JsonObjectSchema,
  callback_result: JsonSchema,
  max_payload_size_kb,
  now,
});
export type LegacyMergeCallbackEvent = Static<typeof LegacyMergeCallbackEventSchema>;

/** loadLatestState and saveLatestState. */
export const LatestStateEventSchema = Type.Object({ state_data: JsonObjectSchema, max_payload_size_kb, now });
export type LatestStateEvent = Static<typeof LatestStateEventSchema>;

/** aggregateResults: the results of a map, listed or where they were written. */
export const AggregateResultsEventSchema = Type.Object({
  state_data: JsonObjectSchema,
  execution_result: Type.Optional(JsonSchema),
  /**
   * From this generation's own machine instead: plan, results and error as aggregateDistributedResults takes
   * them.
   */
  map: Type.Optional(JsonObjectSchema),
  /** The field that takes the items' outputs, in their order. */
  field: Type.Optional(nullable(Type.String())),
  map_error: Type.Optional(nullable(JsonObjectSchema)),
  max_payload_size_kb,
  now,
});
export type AggregateResultsEvent = Static<typeof AggregateResultsEventSchema>;
