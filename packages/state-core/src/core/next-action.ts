import { CONTINUE_AS_NEW_EVENTS, type NextAction, ROUTES, type RoutedAction, type SegmentId, type SegmentStatus, StatebagError } from '@statebag/contracts';

/** What the routing table looks at. */
export interface Routed {
  readonly action: RoutedAction;
  readonly status: SegmentStatus;
  readonly next: SegmentId | null;
  readonly historyEvents: number;
}

/**
 * What the state machine does next: decided here and nowhere else, after everything else.
 * @throws `Result.Unroutable` for a pair that the table does not have.
 */
export function nextActionAfter(result: Routed): NextAction {
  const route = ROUTES[result.action][result.status];
  switch (route) {
    case undefined:
      throw new StatebagError('Result.Unroutable', `status ${result.status} has no next action under ${result.action}`);
    case 'needs-next':
      if (result.next === null) throw new StatebagError('Result.Unroutable', `status ${result.status} under ${result.action} names no next segment`);
      return onwards(result);
    case 'may-end':
      return result.next === null ? 'COMPLETE' : onwards(result);
    default:
      return route;
  }
}

/** A run near the service's limit of events goes on in a new execution; joins and answers leave that to the segment that follows. */
function onwards({ action, historyEvents }: Routed): NextAction {
  const isFlow = action === 'sync' || action === 'sync_branch';
  return isFlow && historyEvents >= CONTINUE_AS_NEW_EVENTS ? 'CONTINUE_AS_NEW' : 'CONTINUE';
}
