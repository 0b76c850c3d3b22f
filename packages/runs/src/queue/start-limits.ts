import type { OwnerId } from '@statebag/contracts/ids';
import { START_QUEUE } from '@statebag/contracts/limits';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';

/** What holds for the starts of one owner. */
export interface OwnerLimits {
  /** Runs that are open at once; nothing where there is no limit. */
  readonly open_runs: number | undefined;
  readonly priority: number;
  /** Runs that may wait. */
  readonly waiting: number;
}

/** What the settings say of an owner, with what holds for all where they do not name it. */
export function limitsOf(settings: StartSettings | undefined, owner_id: OwnerId): OwnerLimits {
  const own = settings?.owners?.[owner_id];
  return {
    open_runs: own?.open_runs ?? settings?.open_runs,
    priority: own?.priority ?? 0,
    waiting: settings?.waiting ?? START_QUEUE.waiting,
  };
}

/** Waiting runs that are begun in a second. */
export function startsPerSecond(settings: StartSettings | undefined): number {
  return settings?.per_second ?? START_QUEUE.perSecond;
}
