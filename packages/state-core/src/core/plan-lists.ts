import type { Json } from '@statebag/contracts';
import { SAMPLES } from '@statebag/contracts/limits';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf } from './canonical-json.ts';
import type { BagLists } from './normalised-result.ts';
import { fieldPointer, type PlanContext, type PlannedWrite, planWrite } from './planned-write.ts';
import { shortened } from './shortened.ts';

interface Planned<Standing> {
  readonly standing: Standing;
  readonly writes: readonly PlannedWrite[];
}

/** Lists and answers beside the state: one that is long is stored, its pointer stays. */
export function planLists(lists: BagLists, context: PlanContext): Planned<BagLists> {
  const { pending_branches, distributed_outputs, last_hitp_response } = lists;
  const planned = Object.entries({ pending_branches, distributed_outputs, last_hitp_response }).map(
    ([name, value]) => ({
      name,
      ...movedWhenLong(value as Json | undefined, context), // one of three JSON values, or absent
    }),
  );
  const standing = Object.fromEntries(
    planned.flatMap(({ name, standing }) => (standing === undefined ? [] : [[name, standing]])),
  );
  return { standing: { ...lists, ...standing }, writes: planned.flatMap(({ writes }) => writes) };
}

function movedWhenLong(value: Json | undefined, context: PlanContext): Planned<Json | undefined> {
  if (value === undefined || byteSizeOf(value) <= LONGEST_INLINE) return { standing: value, writes: [] };
  const write = planWrite(value, 'blobs', context);
  return { standing: fieldPointer(write, context.now), writes: [write] };
}

/** Three such values together with everything else inline still fit the bag in front of a Map. */
const LONGEST_INLINE = 12_288;

type Failures = Pick<StateBag, 'failed_segments' | 'failed_segments_s3_path'>;

/**
 * Puts new failures first. The bag keeps five of them with shortened texts, and a pointer to all where there
 * are more.
 */
export function planFailures(
  before: readonly FailedSegment[],
  added: readonly FailedSegment[],
  context: PlanContext,
): Planned<Failures> {
  if (added.length === 0) return { standing: {}, writes: [] };
  const all = [...added, ...before];
  const sample = all.slice(0, SAMPLES.failedSegments).map(brief);
  if (all.length <= SAMPLES.failedSegments) return { standing: { failed_segments: sample }, writes: [] };
  const write = planWrite(all, 'blobs', context);
  return {
    standing: { failed_segments: sample, failed_segments_s3_path: fieldPointer(write, context.now) },
    writes: [write],
  };
}

function brief(failure: FailedSegment): FailedSegment {
  return { ...failure, error: shortened(failure.error, 256), message: shortened(failure.message, 1_024) };
}
