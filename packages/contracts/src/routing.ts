import type { NextAction, SegmentStatus } from './statuses.ts';

/**
 * What follows a segment status.
 * `needs-next` and `may-end` depend on next_segment_to_run: the first raises without one, the second
 * completes.
 */
export type Route = NextAction | 'needs-next' | 'may-end';

const FLOW = {
  CONTINUE: 'needs-next',
  COMPLETE: 'COMPLETE',
  FAILED: 'FAILED',
  LOOP_LIMIT_EXCEEDED: 'FAILED',
  SKIPPED: 'may-end',
  PAUSED_FOR_HITP: 'PAUSED_FOR_HITP',
  PARALLEL_GROUP: 'PARALLEL_GROUP',
  SEQUENTIAL_BRANCH: 'PARALLEL_GROUP',
  MAP_REDUCE: 'MAP_REDUCE',
  BATCHED: 'BATCHED',
  PAUSED_FOR_ASYNC_LLM: 'ASYNC_LLM',
  WAITING: 'WAIT',
} as const satisfies Record<SegmentStatus, Route>;

/** A group or an answer was taken in: on, or the end, or failed. Never the group again. */
const JOINED = { CONTINUE: 'may-end', COMPLETE: 'may-end', FAILED: 'FAILED' } as const satisfies Partial<
  Record<SegmentStatus, Route>
>;

/**
 * What an action's result answers: the segment the bag waits for, or the pause or group that was applied
 * last.
 */
export type AnsweredBy = 'segment' | 'pause';

/** The total routing table, row by row (design 3.6). A pair that is not in it is an error. */
export const ROUTES: Readonly<Record<AnsweredBy, Partial<Record<SegmentStatus, Route>>>> = {
  segment: FLOW,
  pause: JOINED,
};
