import { StatebagError } from '@statebag/contracts';
import { ACTION_ANSWERS, type RoutedAction } from '@statebag/contracts/actions';
import type { SegmentId } from '@statebag/contracts/ids';
import { ROUTES } from '@statebag/contracts/routing';
import type { NextAction, SegmentStatus } from '@statebag/contracts/statuses';

/** What the routing table looks at. */
export interface Routed {
  readonly action: RoutedAction;
  readonly status: SegmentStatus;
  readonly next: SegmentId | null;
  /** Events of this execution so far, and from how many on it goes on in a new one. */
  readonly historyEvents: number;
  readonly mostEvents: number;
}

/**
 * What the state machine does next: decided here and nowhere else, after everything else.
 * @throws `Result.Unroutable` for a pair that the table does not have.
 */
export function nextActionAfter(result: Routed): NextAction {
  const route = ROUTES[ACTION_ANSWERS[result.action]][result.status];
  switch (route) {
    case undefined:
      throw new StatebagError(
        'Result.Unroutable',
        `status ${result.status} has no next action under ${result.action}`,
      );
    case 'needs-next':
      if (result.next === null)
        throw new StatebagError(
          'Result.Unroutable',
          `status ${result.status} under ${result.action} names no next segment`,
        );
      return onwards(result);
    case 'may-end':
      return result.next === null ? 'COMPLETE' : onwards(result);
    default:
      return route;
  }
}

/** A run near the service's limit of events goes on in a new execution. */
function onwards({ historyEvents, mostEvents }: Routed): NextAction {
  return historyEvents >= mostEvents ? 'CONTINUE_AS_NEW' : 'CONTINUE';
}
