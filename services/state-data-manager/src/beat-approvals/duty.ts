import type { Timestamp } from '@statebag/contracts';
import type { HeldApproval } from '@statebag/runs';

/** What an approval needs of whoever looks after it. */
export type Duty = 'beat' | 'escalate' | 'end' | 'deliver' | 'nothing';

/** Decided ones are delivered; open ones are beaten, and at their deadline taken further or ended by their own choice. */
export function dutyOf({ state, deadline, escalated, request: { on_deadline } }: HeldApproval, now: Timestamp): Duty {
  if (state === 'RECORDED') return 'deliver';
  if (state !== 'OPEN') return 'nothing';
  if (Date.parse(now) < Date.parse(deadline)) return 'beat';
  return on_deadline === 'escalate' && !escalated ? 'escalate' : 'end';
}
