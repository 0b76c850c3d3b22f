import type { OwnersWait } from '@statebag/runs/queue';
import { countText, durationText, table } from './amounts.ts';

export interface QueueReport {
  readonly stage: string;
  readonly per_second: number;
  readonly waiting: number;
  readonly oldest_age_seconds: number;
  readonly owners: readonly OwnersWait[];
}

/** What waits, as `statebag queue status` prints it. */
export function queueText({ waiting, per_second, owners }: QueueReport, now: number): string {
  if (owners.length === 0) return `nothing waits; up to ${per_second} waiting runs begin in a second\n`;
  const rows = owners.map(({ owner_id, waiting: count, oldest, open, open_runs, priority }) => [
    owner_id,
    String(count),
    oldest === null ? '–' : durationText(now - Date.parse(oldest)),
    open_runs === null ? '–' : `${open} of ${open_runs}`,
    String(priority),
  ]);
  const head = ['owner', 'waiting', 'longest', 'open', 'priority'];
  return `${countText(waiting, 'run')} of ${countText(owners.length, 'owner')} wait; up to ${per_second} begin in a second

${table([head, ...rows])}
`;
}
