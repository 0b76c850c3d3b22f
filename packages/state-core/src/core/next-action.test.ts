import { describe, expect, test } from '@jest/globals';
import { ACTION_ANSWERS, type RoutedAction } from '@statebag/contracts/actions';
import type { SegmentId } from '@statebag/contracts/ids';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { type NextAction, SEGMENT_STATUSES, type SegmentStatus } from '@statebag/contracts/statuses';
import { nextActionAfter } from './next-action.ts';

const NEXT = 's2' as SegmentId;
const FLOW: Record<SegmentStatus, [withNext: NextAction | null, without: NextAction | null]> = {
  CONTINUE: ['CONTINUE', null],
  COMPLETE: ['COMPLETE', 'COMPLETE'],
  FAILED: ['FAILED', 'FAILED'],
  LOOP_LIMIT_EXCEEDED: ['FAILED', 'FAILED'],
  SKIPPED: ['CONTINUE', 'COMPLETE'],
  PAUSED_FOR_HITP: ['PAUSED_FOR_HITP', 'PAUSED_FOR_HITP'],
  PARALLEL_GROUP: ['PARALLEL_GROUP', 'PARALLEL_GROUP'],
  SEQUENTIAL_BRANCH: ['PARALLEL_GROUP', 'PARALLEL_GROUP'],
  MAP_REDUCE: ['MAP_REDUCE', 'MAP_REDUCE'],
  BATCHED: ['BATCHED', 'BATCHED'],
  PAUSED_FOR_ASYNC_LLM: ['ASYNC_LLM', 'ASYNC_LLM'],
  WAITING: ['WAIT', 'WAIT'],
};
const JOINED: Partial<typeof FLOW> = {
  CONTINUE: ['CONTINUE', 'COMPLETE'],
  COMPLETE: ['CONTINUE', 'COMPLETE'],
  FAILED: ['FAILED', 'FAILED'],
};
const EXPECTED: Readonly<Record<string, Partial<typeof FLOW>>> = {
  sync: FLOW,
  sync_branch: FLOW,
  aggregate_branches: JOINED,
  aggregate_distributed: JOINED,
  merge_callback: JOINED,
  merge_async: JOINED,
};
const PAIRS = Object.keys(ACTION_ANSWERS).flatMap((action) =>
  SEGMENT_STATUSES.map((status) => ({ action: action as RoutedAction, status })),
);

describe('the routing table', () => {
  test.each(PAIRS)('$action × $status', ({ action, status }) => {
    const [withNext, without] = EXPECTED[action]?.[status] ?? [null, null];
    expect(outcome({ action, status, next: NEXT })).toBe(withNext);
    expect(outcome({ action, status, next: null })).toBe(without);
  });

  test.each([
    ['sync', 19_999, 'CONTINUE'],
    ['sync', 20_000, 'CONTINUE_AS_NEW'],
    ['sync_branch', 20_000, 'CONTINUE_AS_NEW'],
    ['merge_callback', 20_000, 'CONTINUE_AS_NEW'],
    ['aggregate_branches', 20_000, 'CONTINUE_AS_NEW'],
  ] as const)('%s at %i counted events goes on with %s', (action, historyEvents, expected) => {
    expect(
      nextActionAfter({
        action,
        status: 'CONTINUE',
        next: NEXT,
        historyEvents,
        mostEvents: THRESHOLDS.continueAsNewEvents,
      }),
    ).toBe(expected);
  });

  test.each<[RoutedAction, SegmentStatus, string]>([
    ['merge_callback', 'WAITING', 'status WAITING has no next action under merge_callback'],
    ['sync', 'CONTINUE', 'status CONTINUE under sync names no next segment'],
  ])('%s × %s says why it leads nowhere', (action, status, message) => {
    expect(() => nextActionAfter({ action, status, next: null, historyEvents: 0, mostEvents: 1 })).toThrow(
      expect.objectContaining({ message }),
    );
  });
});

/** Null for a pair that is refused. */
function outcome(pair: {
  action: RoutedAction;
  status: SegmentStatus;
  next: SegmentId | null;
}): NextAction | null {
  try {
    return nextActionAfter({ ...pair, historyEvents: 0, mostEvents: 1 });
  } catch (error) {
    expect(error).toMatchObject({ name: 'Result.Unroutable' });
    return null;
  }
}
