/** The generation this code writes. Its absence in an event means the first generation. */
export const SCHEMA_VERSION = 3;

/** What a segment says of itself. */
export const SEGMENT_STATUSES = [
  'CONTINUE',
  'COMPLETE',
  'FAILED',
  'PAUSED_FOR_HITP',
  'PARALLEL_GROUP',
  'SEQUENTIAL_BRANCH',
  'MAP_REDUCE',
  'BATCHED',
  'PAUSED_FOR_ASYNC_LLM',
  'WAITING',
  'SKIPPED',
  'LOOP_LIMIT_EXCEEDED',
] as const;
export type SegmentStatus = (typeof SEGMENT_STATUSES)[number];

/** What the state machine does next. Computed in one place, last. */
export const NEXT_ACTIONS = [
  'STARTED',
  'CONTINUE',
  'COMPLETE',
  'FAILED',
  'PAUSED_FOR_HITP',
  'PARALLEL_GROUP',
  'MAP_REDUCE',
  'BATCHED',
  'ASYNC_LLM',
  'WAIT',
  'CONTINUE_AS_NEW',
] as const;
export type NextAction = (typeof NEXT_ACTIONS)[number];

/** First-generation spellings, translated where an event enters. */
export const LEGACY_STATUS_SYNONYMS = {
  SUCCESS: 'COMPLETE',
  SUCCEEDED: 'COMPLETE',
  COMPLETED: 'COMPLETE',
  PAUSE: 'PAUSED_FOR_HITP',
} as const satisfies Record<string, SegmentStatus>;

/** What `state.reducers` may name. */
export const REDUCERS = ['append', 'dedupe_append', 'set_union', 'max', 'min', 'sum'] as const;
export type ReducerName = (typeof REDUCERS)[number];

export const SEGMENT_TYPES = [
  'normal',
  'llm',
  'parallel_group',
  'aggregator',
  'map',
  'hitp',
  'wait',
  'async_llm',
] as const;
export type SegmentType = (typeof SEGMENT_TYPES)[number];

export const HISTORY_STATUSES = ['SUCCEEDED', 'FAILED', 'SKIPPED', 'PAUSED', 'NOTED'] as const;
export type HistoryStatus = (typeof HISTORY_STATUSES)[number];

export const SNAPSHOT_TYPES = ['pre', 'post', 'manual'] as const;
export type SnapshotType = (typeof SNAPSHOT_TYPES)[number];
