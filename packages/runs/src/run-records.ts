import { type ExecutionId, type OwnerId, StatebagError, type Timestamp } from '@statebag/contracts';
import { shortened } from '@statebag/state-core';
import { BY_OWNER, expiresAfter, ownerPartition, runKey } from './item-keys.ts';
import { runItem, runOf } from './run-items.ts';
import { type Cancellation, type NewRun, type RunEnd, type RunRecord, statusAtEnd } from './run-record.ts';
import type { RunsTable } from './runs-table.ts';

export type Created = { readonly created: true } | { readonly created: false; readonly run: RunRecord };

export interface RunPage {
  readonly runs: readonly RunRecord[];
  /** Asks for the runs before these. */
  readonly next?: string;
}

/** The records of runs. */
export interface RunRecords {
  /** Of racing creators one creates; the others get its run. */
  createRun(run: NewRun): Promise<Created>;
  getRun(execution_id: ExecutionId): Promise<RunRecord | undefined>;
  /** Newest first. @throws `Contract.EventRejected` for a `next` that no answer gave */
  listRuns(owner_id: OwnerId, page: { readonly limit: number; readonly next?: string | undefined }): Promise<RunPage>;
  /** Makes an execution the run's current one: it runs again. The same execution twice is once. False where it is known already, or the run is not. */
  addExecution(execution_id: ExecutionId, execution_arn: string, started_at: Timestamp): Promise<boolean>;
  /** True for the first end of the current execution, false for a repeat and for the end of an earlier one. */
  finishRun(execution_id: ExecutionId, end: RunEnd): Promise<boolean>;
  /** The end of this execution was put on the bus. */
  markReported(execution_id: ExecutionId, execution_arn: string): Promise<void>;
  /** True where the run is cancelled now; false where it had ended before. @throws `Run.NotFound` */
  markCancelled(execution_id: ExecutionId, cancellation: Cancellation): Promise<boolean>;
  isCancelled(execution_id: ExecutionId): Promise<boolean>;
}

const CAUSE_BYTES = 2_048;

export function runRecords(table: RunsTable): RunRecords {
  const getRun: RunRecords['getRun'] = async (execution_id) => {
    const item = await table.get(runKey(execution_id));
    return item && runOf(item);
  };
  return {
    getRun,
    ...creating(table, getRun),
    ...ending(table, getRun),
    listRuns: (owner_id, page) => listRuns(table, { owner_id, ...page }),
    isCancelled: async (execution_id) => (await getRun(execution_id))?.cancelled_at !== undefined,
  };
}

type GetRun = RunRecords['getRun'];

function creating(table: RunsTable, getRun: GetRun): Pick<RunRecords, 'createRun' | 'addExecution'> {
  return {
    async createRun(run) {
      if (await table.put(runItem(run), { condition: 'attribute_not_exists(pk)' })) return { created: true };
      const existing = await getRun(run.execution_id);
      if (existing) return { created: false, run: existing };
      throw new StatebagError('Store.Unavailable', `run ${run.execution_id} expired while it was created`);
    },
    async addExecution(execution_id, execution_arn, started_at) {
      const changed = await table.change(runKey(execution_id), {
        update:
          'SET execution_arns = list_append(execution_arns, :arns), current_arn = :arn, #status = :running, reported = :no, expires_at = :expires REMOVE ended_at, #error, cause',
        condition: 'attribute_exists(pk) AND NOT contains(execution_arns, :arn)',
        names: { '#status': 'status', '#error': 'error' },
        values: { ':arns': [execution_arn], ':arn': execution_arn, ':running': 'RUNNING', ':no': false, ':expires': expiresAfter(started_at) },
      });
      return changed !== undefined;
    },
  };
}

function ending(table: RunsTable, getRun: GetRun): Pick<RunRecords, 'finishRun' | 'markReported' | 'markCancelled'> {
  return {
    async finishRun(execution_id, end) {
      const run = await getRun(execution_id);
      if (!run) return false;
      const { execution_arn, status, ended_at, error, cause } = end;
      const said = { error, cause: cause === undefined ? undefined : shortened(cause, CAUSE_BYTES) };
      const given = Object.entries(said).filter(([, text]) => text !== undefined);
      const changed = await table.change(runKey(execution_id), {
        update: `SET ${['#status = :ended', 'ended_at = :at', 'expires_at = :expires', ...given.map(([name]) => `#${name} = :${name}`)].join(', ')}`,
        condition: '#status = :running AND current_arn = :arn',
        names: { '#status': 'status', ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])) },
        values: {
          ':ended': statusAtEnd(run, status),
          ':at': ended_at,
          ':expires': expiresAfter(ended_at),
          ':running': 'RUNNING',
          ':arn': execution_arn,
          ...Object.fromEntries(given.map(([name, text]) => [`:${name}`, text])),
        },
      });
      return changed !== undefined;
    },
    async markReported(execution_id, execution_arn) {
      await table.change(runKey(execution_id), {
        update: 'SET reported = :yes',
        condition: 'current_arn = :arn',
        values: { ':yes': true, ':arn': execution_arn },
      });
    },
    async markCancelled(execution_id, { by, at }) {
      const changed = await table.change(runKey(execution_id), {
        update: 'SET cancelled_at = if_not_exists(cancelled_at, :at), cancelled_by = if_not_exists(cancelled_by, :by)',
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

interface Listing {
  readonly owner_id: OwnerId;
  readonly limit: number;
  readonly next?: string | undefined;
}

async function listRuns(table: RunsTable, { owner_id, limit, next }: Listing): Promise<RunPage> {
  const { items, last } = await table.query({
    IndexName: BY_OWNER,
    KeyConditionExpression: 'gsi1pk = :owner',
    ScanIndexForward: false,
    Limit: limit,
    values: { ':owner': ownerPartition(owner_id) },
    ...(next !== undefined && { after: positionOf(owner_id, next) }),
  });
  return { runs: items.map(runOf), ...(last && { next: Buffer.from(String(last['gsi1sk'])).toString('base64url') }) };
}

const POSITION = /^(\d{4}-[0-9T:.-]+Z)#([A-Za-z0-9._:-]{1,64})$/;

/** A `next` says where in the owner's own list to go on, and nothing else. */
function positionOf(owner_id: OwnerId, next: string) {
  const gsi1sk = Buffer.from(next, 'base64url').toString();
  const execution_id = POSITION.exec(gsi1sk)?.[2];
  if (execution_id === undefined) throw new StatebagError('Contract.EventRejected', `next ${JSON.stringify(next)} is not what an earlier answer gave`);
  return { ...runKey(execution_id as ExecutionId), gsi1pk: ownerPartition(owner_id), gsi1sk }; // of the grammar of ids
}
