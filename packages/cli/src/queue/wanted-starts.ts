import { isId, ownerId } from '@statebag/contracts/ids';
import { START_QUEUE } from '@statebag/contracts/limits';
import type { RolloutSettings, StartSettings } from '@statebag/contracts/schemas/rollout';
import { UsageError } from '../exit.ts';

export interface QueueSetOptions {
  readonly owner?: string;
  readonly openRuns?: string;
  readonly priority?: string;
  readonly waiting?: string;
  readonly perSecond?: string;
}

/** The settings that the options of `queue set` ask for. @throws UsageError naming the option */
export function wantedStarts(from: RolloutSettings, options: QueueSetOptions): RolloutSettings {
  const { owner, openRuns, priority, waiting, perSecond } = options;
  if ([openRuns, priority, waiting, perSecond].every((given) => given === undefined))
    throw new UsageError(
      'set: nothing to set\n  mend: give at least one of --open-runs, --priority, --waiting and --per-second',
    );
  const starts = from.starts ?? {};
  return { ...from, starts: owner === undefined ? ofAll(starts, options) : ofOwner(starts, owner, options) };
}

function ofAll(
  starts: StartSettings,
  { openRuns, priority, waiting, perSecond }: QueueSetOptions,
): StartSettings {
  if (priority !== undefined)
    throw new UsageError('--priority: it is of one owner\n  mend: name the owner with --owner');
  return without({
    ...starts,
    ...(openRuns !== undefined && { open_runs: openRunsOf(openRuns) }),
    ...(waiting !== undefined && { waiting: numberOf('--waiting', waiting, 1_000_000) }),
    ...(perSecond !== undefined && { per_second: numberOf('--per-second', perSecond, 10_000) }),
  });
}

function ofOwner(
  starts: StartSettings,
  owner: string,
  { openRuns, priority, waiting, perSecond }: QueueSetOptions,
): StartSettings {
  if (!isId(owner)) throw new UsageError(`--owner ${owner}: not the id of an owner`);
  if (waiting !== undefined || perSecond !== undefined)
    throw new UsageError(
      '--owner: --waiting and --per-second are for all owners\n  mend: set them without --owner',
    );
  const own = without({
    ...starts.owners?.[ownerId(owner)],
    ...(openRuns !== undefined && { open_runs: openRunsOf(openRuns) }),
    ...(priority !== undefined && {
      priority: numberOf('--priority', priority, START_QUEUE.mostPriority, 0),
    }),
  });
  const { [ownerId(owner)]: _before, ...others } = starts.owners ?? {};
  const owners = Object.keys(own).length === 0 ? others : { ...others, [owner]: own };
  return { ...starts, owners };
}

type Given<Value> = { readonly [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** Only what is set: the parameter holds few bytes. */
function without<Value extends object>(value: Value): Given<Value> {
  // of its entries those with a value
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<Value>;
}

function openRunsOf(text: string): number | undefined {
  return text === 'none' ? undefined : numberOf('--open-runs', text, START_QUEUE.mostOpenRuns);
}

/** @throws UsageError */
function numberOf(option: string, text: string, most: number, least = 1): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `${option} ${text}: not a whole number from ${least} to ${most}\n  mend: give a number in this range`,
  );
}
