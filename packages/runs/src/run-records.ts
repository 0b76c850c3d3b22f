import { StatebagError, type Timestamp } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import { shortened } from '@statebag/state-core/core/shortened';
import { expiresAfter, listPartition, queuePartition, runKey } from './item-keys.ts';
import type { LargeOwners } from './large-owners.ts';
import type { LeaseClaim } from './leases.ts';
import {
  type Cancellation,
  type NewRun,
  type RunEnd,
  type RunRecord,
  statusAtEnd,
  type Waiting,
} from './run-record.ts';
import type { Item, ItemKey, RunsTable } from './runs-table.ts';

export type Created = { readonly created: true } | { readonly created: false; readonly run: RunRecord };

/**
 * What became of an end: to be told, told before, being told by another, or of no execution of a known run.
 */
export type ClaimedEnd =
  | { readonly kind: 'claimed' | 'told' | 'past'; readonly run: RunRecord }
  | { readonly kind: 'held'; readonly holder: string }
  | { readonly kind: 'unknown' };

/** How a recorded run begins: at once, unless it waits; with one of its owner's places, if it has one. */
export interface Beginning {
  readonly waiting?: Waiting | undefined;
  readonly counted?: boolean | undefined;
}

/** The records of runs. */
export interface RunRecords {
  /** Of racing creators one creates; the others get its run. */
  createRun(run: NewRun & Beginning): Promise<Created>;
  getRun(execution_id: ExecutionId): Promise<RunRecord | undefined>;
  /**
   * Makes an execution the run's current one: it runs again. The same execution twice is once. False where it
   * is known already, or the run is not.
   */
  addExecution(execution_id: ExecutionId, execution_arn: string, started_at: Timestamp): Promise<boolean>;
  /**
   * True for the first end of the current execution, false for a repeat and for the end of an earlier one.
   */
  finishRun(execution_id: ExecutionId, end: RunEnd): Promise<boolean>;
  /**
   * Records the end of an execution and claims its telling, in one request. Who holds the claim puts the end
   * on the bus and marks it as reported.
   */
  claimEnd(execution_id: ExecutionId, end: RunEnd, claim: LeaseClaim): Promise<ClaimedEnd>;
  /** The end of this execution was put on the bus. */
  markReported(execution_id: ExecutionId, execution_arn: string): Promise<void>;
  /** True where the run is cancelled now; false where it had ended before. @throws `Run.NotFound` */
  markCancelled(execution_id: ExecutionId, cancellation: Cancellation): Promise<boolean>;
  isCancelled(execution_id: ExecutionId): Promise<boolean>;
}

const CAUSE_BYTES = 2_048;

export function runRecords(table: RunsTable, largeOwners: LargeOwners): RunRecords {
  const getRun: RunRecords['getRun'] = async (execution_id) => {
    const item = await table.get(runKey(execution_id));
    return item && runOf(item);
  };
  return {
    getRun,
    ...creating(table, largeOwners),
    ...ending(table, getRun),
    isCancelled: async (execution_id) => (await getRun(execution_id))?.cancelled_at !== undefined,
  };
}

type GetRun = RunRecords['getRun'];

function creating(
  table: RunsTable,
  largeOwners: LargeOwners,
): Pick<RunRecords, 'createRun' | 'addExecution'> {
  return {
    async createRun(run) {
      const standing = await table.create(runItem(run, largeOwners));
      return standing === undefined ? { created: true } : { created: false, run: runOf(standing) };
    },
    async addExecution(execution_id, execution_arn, started_at) {
      const changed = await table.change(runKey(execution_id), {
        update:
          'SET execution_arns = list_append(execution_arns, :arns), current_arn = :arn, #status = :running, reported = :no, expires_at = :expires REMOVE ended_at, #error, cause, told_by, told_until',
        condition: 'attribute_exists(pk) AND NOT contains(execution_arns, :arn)',
        names: { '#status': 'status', '#error': 'error' },
        values: {
          ':arns': [execution_arn],
          ':arn': execution_arn,
          ':running': 'RUNNING',
          ':no': false,
          ':expires': expiresAfter(started_at),
        },
      });
      return changed !== undefined;
    },
  };
}

function ending(
  table: RunsTable,
  getRun: GetRun,
): Pick<RunRecords, 'finishRun' | 'claimEnd' | 'markReported' | 'markCancelled'> {
  return {
    async finishRun(execution_id, end) {
      const run = await getRun(execution_id);
      if (!run) return false;
      const { update, names, values } = ended({ ...end, status: statusAtEnd(run, end.status) });
      const changed = await table.change(runKey(execution_id), {
        update,
        condition: '#status = :running AND current_arn = :arn',
        names,
        values: { ...values, ':running': 'RUNNING', ':arn': end.execution_arn },
      });
      return changed !== undefined;
    },
    claimEnd: (execution_id, end, claim) => claimEnd(table, execution_id, { end, claim }),
    async markReported(execution_id, execution_arn) {
      await table.change(runKey(execution_id), {
        update: 'SET reported = :yes REMOVE told_by, told_until',
        condition: 'current_arn = :arn',
        values: { ':yes': true, ':arn': execution_arn },
      });
    },
    async markCancelled(execution_id, { by, at }) {
      const changed = await table.change(runKey(execution_id), {
        update:
          'SET cancelled_at = if_not_exists(cancelled_at, :at), cancelled_by = if_not_exists(cancelled_by, :by)',
        condition: '#status = :running',
        names: { '#status': 'status' },
        values: { ':at': at, ':by': by, ':running': 'RUNNING' },
      });
      if (changed) return true;
      const run = await getRun(execution_id);
      if (!run) throw new StatebagError('Run.NotFound', `there is no run ${execution_id}`);
      return run.cancelled_at !== undefined;
    },
  };
}

/** The change that an end makes to the item of its run. */
function ended({ status, ended_at, error, cause }: RunEnd) {
  const said = { error, cause: cause === undefined ? undefined : shortened(cause, CAUSE_BYTES) };
  const given = Object.entries(said).filter(([, text]) => text !== undefined);
  const changes = ['#status = :ended', 'ended_at = :at', 'expires_at = :expires'];
  return {
    update: `SET ${[...changes, ...given.map(([name]) => `#${name} = :${name}`)].join(', ')}`,
    names: { '#status': 'status', ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])) },
    values: {
      ':ended': status,
      ':at': ended_at,
      ':expires': expiresAfter(ended_at),
      ...Object.fromEntries(given.map(([name, text]) => [`:${name}`, text])),
    },
  };
}

interface Claiming {
  readonly end: RunEnd;
  readonly claim: LeaseClaim;
}

const UNTOLD =
  'current_arn = :arn AND reported = :no AND (attribute_not_exists(told_until) OR told_until <= :now OR told_by = :holder)';

/** Nobody reads first: where the claim fails, the answer holds the item that says why. */
async function claimEnd(
  table: RunsTable,
  execution_id: ExecutionId,
  { end, claim }: Claiming,
): Promise<ClaimedEnd> {
  const { update, names, values } = ended(end);
  const { changed, item } = await table.attempt(runKey(execution_id), {
    update: `${update}, told_by = :holder, told_until = :until`,
    condition: MAY_BE_CANCELLED.has(end.status) ? `${UNTOLD} AND attribute_not_exists(cancelled_at)` : UNTOLD,
    names,
    values: {
      ...values,
      ':arn': end.execution_arn,
      ':no': false,
      ':now': claim.now,
      ':holder': claim.holder,
      ':until': claim.now + claim.ttl_ms,
    },
  });
  if (item === undefined) return { kind: 'unknown' };
  const run = runOf(item);
  if (changed) return { kind: 'claimed', run };
  if (!run.execution_arns.includes(end.execution_arn)) return { kind: 'unknown' };
  if (run.execution_arns.at(-1) !== end.execution_arn) return { kind: 'past', run };
  if (run.reported) return { kind: 'told', run };
  const status = statusAtEnd(run, end.status);
  if (status !== end.status) return claimEnd(table, execution_id, { end: { ...end, status }, claim });
  return { kind: 'held', holder: String(item['told_by']) };
}

/** Ends that are another one where the run was cancelled: everything but success. */
const MAY_BE_CANCELLED: ReadonlySet<string> = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);

/** What stands in the item of a run while it waits: its place in the line of its owner. */
export function waitingAttributes(
  { owner_id, execution_id }: Pick<NewRun, 'owner_id' | 'execution_id'>,
  waiting: Waiting,
): Item {
  return {
    ...waiting,
    gsi2pk: queuePartition(owner_id),
    gsi2sk: `${waiting.queued_at}#${execution_id}`,
  };
}

/** The first item of a run. */
function runItem({ waiting, ...run }: NewRun & Beginning, largeOwners: LargeOwners): Item & ItemKey {
  const execution_arns = run.execution_arns ?? [];
  return {
    ...runKey(run.execution_id),
    ...run,
    execution_arns,
    status: 'RUNNING',
    reported: false,
    current_arn: execution_arns.at(-1),
    ...(waiting && waitingAttributes(run, waiting)),
    gsi1pk: listPartition(run, largeOwners),
    gsi1sk: `${run.started_at}#${run.execution_id}`,
    expires_at: expiresAfter(run.started_at),
  };
}

const TABLE_ATTRIBUTES = new Set([
  'pk',
  'sk',
  'gsi1pk',
  'gsi1sk',
  'gsi2pk',
  'gsi2sk',
  'start_event',
  'expires_at',
  'current_arn',
  'told_by',
  'told_until',
]);

/** The run of an item that `runItem` and the changes on it wrote. */
export function runOf(item: Item): RunRecord {
  // only this package writes these items
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => !TABLE_ATTRIBUTES.has(name)),
  ) as unknown as RunRecord;
}
