import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { TABLE_SHARDS } from '@statebag/contracts/limits';
import type { SpendAccount } from '@statebag/workflow';
import type { LargeOwners } from './large-owners.ts';
import type { Generation } from './run-record.ts';
import type { ItemKey } from './runs-table.ts';
import { shardOf, shardsOf } from './spread.ts';

/** Runs of one owner, by when they began. */
export const BY_OWNER = 'by-owner';
/** Approvals that somebody has to look after, by when that is due. Sparse. */
export const BY_DUE = 'by-due';
const OPEN_APPROVALS = 'approvals#open';

/** Where the open approvals of a run are in `by-due`. */
export function openPartition(execution_id: ExecutionId): string {
  return `${OPEN_APPROVALS}#${shardOf(execution_id, TABLE_SHARDS.openApprovals)}`;
}

/** The partitions of `by-due`. */
export const OPEN_PARTITIONS = shardsOf(OPEN_APPROVALS, TABLE_SHARDS.openApprovals);

/** Runs of an owner that wait to begin, by when they came: a partition of `by-due`, for those that wait only. */
export function queuePartition(owner_id: OwnerId): string {
  return `queue#${owner_id}`;
}

const STARTS = 'starts';

/** Partitions that hold what is counted of owners' starts. */
export const OWNERS_OF_STARTS = shardsOf(STARTS, TABLE_SHARDS.starts).slice(1); // never without shards

/** What is counted of an owner's starts. Owners are spread, so that none slows all. */
export function startsKey(owner_id: OwnerId): ItemKey {
  return { pk: `${STARTS}#${shardOf(owner_id, TABLE_SHARDS.starts)}`, sk: owner_id };
}

/** One of the places that calls of a provider may have at once. */
export function callPlaceKey(provider: string, place: number): ItemKey {
  return { pk: `calls#${provider}#${place}`, sk: 'lease' };
}

/** Who begins what waits, and until when. */
export const STARTS_LEASE: ItemKey = { pk: 'starts#lease', sk: 'lease' };

export function runKey(execution_id: ExecutionId): ItemKey {
  return { pk: `run#${execution_id}`, sk: 'run' };
}

interface End {
  readonly generation: Generation;
  readonly ended_at: string;
  readonly execution_id: ExecutionId;
}

/** Ends of the runs of one generation, by when: the partitions that have them. */
export function endedPartitions(generation: Generation): readonly string[] {
  return shardsOf(`ended#${generation}`, TABLE_SHARDS.ends);
}

/** The one of them where the ends of a run are. */
export function endedPartition({ generation, execution_id }: Omit<End, 'ended_at'>): string {
  return `ended#${generation}#${shardOf(execution_id, TABLE_SHARDS.ends)}`;
}

export function endedKey(end: End): ItemKey {
  return { pk: endedPartition(end), sk: `${end.ended_at}#${end.execution_id}` };
}

/** Where an end is, or was put before there were shards. */
export function endedKeys(end: End): readonly ItemKey[] {
  const key = endedKey(end);
  return [key, { ...key, pk: `ended#${end.generation}` }];
}

/** The one partition of changes to the rollout. They do not expire. */
export const ROLLOUT_CHANGES = 'rollout#changes';

export function changeKey(revision: number): ItemKey {
  return { pk: ROLLOUT_CHANGES, sk: String(revision).padStart(10, '0') };
}

export function leaseKey(execution_id: ExecutionId, key: string): ItemKey {
  return { pk: `run#${execution_id}`, sk: `lease#${key}` };
}

/**
 * What a run has spent on models, or with the id of a node, what that node has; or what the runs of an owner
 * have together.
 */
export function spentKey(place: SpendAccount): ItemKey {
  const pk = 'owner_id' in place ? `spent#${place.owner_id}` : `run#${place.execution_id}`;
  return { pk, sk: `spent#${place.account}` };
}

const APPROVAL = 'approval#';

/** Key of an approval by its id; all of a run's begin with the id ''. */
export function approvalKey(execution_id: ExecutionId, approval_id: string): ItemKey {
  return { pk: `run#${execution_id}`, sk: `${APPROVAL}${approval_id}` };
}

/** What tells one question of a run from another: where, which turn, who asks. In order of the turns. */
export function approvalId({
  branch_path,
  loop_counter,
  node_id,
}: {
  branch_path: string;
  loop_counter: number;
  node_id: string;
}): string {
  return `${branch_path}#${String(loop_counter).padStart(10, '0')}#${node_id}`;
}

/** What a first-generation run of an owner holds while it is under way. Its machine writes the item. */
export function legacyKeyItem({ owner_id, key }: { owner_id: OwnerId; key: string }): ItemKey {
  return { pk: `legacy#${owner_id}#${key}`, sk: 'run' };
}

function ownerPartition(owner_id: OwnerId): string {
  return `owner#${owner_id}`;
}

/** Where a run of an owner is in `by-owner`. */
export function listPartition(
  { owner_id, execution_id }: { readonly owner_id: OwnerId; readonly execution_id: ExecutionId },
  largeOwners: LargeOwners,
): string {
  const partition = ownerPartition(owner_id);
  if (!largeOwners.has(owner_id)) return partition;
  return `${partition}#${shardOf(execution_id, TABLE_SHARDS.largeOwner)}`;
}

/** The partitions of `by-owner` that have runs of an owner: the first one those from before it was large. */
export function listPartitions(owner_id: OwnerId, largeOwners: LargeOwners): readonly string[] {
  const partition = ownerPartition(owner_id);
  return largeOwners.has(owner_id) ? shardsOf(partition, TABLE_SHARDS.largeOwner) : [partition];
}

/** Items are kept as long as what they point to: 90 days from the last change. */
const KEPT_SECONDS = 90 * 86_400;

/** The time (epoch seconds) from which the table may drop an item that changed at `at` (ISO 8601). */
export function expiresAfter(at: string): number {
  return Math.floor(Date.parse(at) / 1_000) + KEPT_SECONDS;
}
