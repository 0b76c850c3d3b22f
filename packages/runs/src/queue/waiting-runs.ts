import type { Timestamp } from '@statebag/contracts';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { BY_DUE, queuePartition, runKey } from '../item-keys.ts';
import type { RunRecord, Waiting } from '../run-record.ts';
import { runOf, waitingAttributes } from '../run-records.ts';
import type { Item, RunsTable } from '../runs-table.ts';

/** A run in the line of its owner. */
export interface InLine {
  readonly execution_id: ExecutionId;
  readonly queued_at: Timestamp;
}

/** A run with what its machine is started with, as long as it waits. */
export interface WaitingRun {
  readonly run: RunRecord;
  readonly start_event: string | undefined;
}

/** Runs that wait: the record of a run is also its place in the line of its owner. */
export interface WaitingRuns {
  /** Puts a recorded run into the line. False where it has ended, or is in it. */
  putInLine(run: RunRecord, waiting: Waiting): Promise<boolean>;
  /** The first runs in the line, and whether these are all. An index is asked: it may be a moment behind. */
  firstInLine(
    owner_id: OwnerId,
    limit: number,
  ): Promise<{ readonly runs: readonly InLine[]; readonly all: boolean }>;
  readWaiting(execution_id: ExecutionId): Promise<WaitingRun | undefined>;
  /**
   * Takes a run out of the line that has begun, or has no need to. `out` is true for the one who does, and
   * the run is as it stands.
   */
  takeOut(
    execution_id: ExecutionId,
    how: { readonly counted: boolean },
  ): Promise<{ readonly out: boolean; readonly run: RunRecord | undefined }>;
  /** Ends a run that was cancelled while it waits. False where it has begun or ended. */
  endInLine(execution_id: ExecutionId, ended_at: Timestamp): Promise<boolean>;
}

const LINE = 'queued_at, start_event, gsi2pk, gsi2sk';

export function waitingRuns(table: RunsTable): WaitingRuns {
  return {
    async putInLine(run, waiting) {
      const { queued_at, start_event, gsi2pk, gsi2sk } = waitingAttributes(run, waiting);
      const changed = await table.change(runKey(run.execution_id), {
        update: 'SET queued_at = :at, start_event = :event, gsi2pk = :line, gsi2sk = :place',
        condition:
          '#status = :running AND attribute_not_exists(queued_at) AND attribute_not_exists(cancelled_at)',
        names: { '#status': 'status' },
        values: {
          ':at': queued_at,
          ':event': start_event,
          ':line': gsi2pk,
          ':place': gsi2sk,
          ':running': 'RUNNING',
        },
      });
      return changed !== undefined;
    },
    async firstInLine(owner_id, limit) {
      const { items, last } = await table.query({
        IndexName: BY_DUE,
        KeyConditionExpression: 'gsi2pk = :line',
        Limit: limit,
        values: { ':line': queuePartition(owner_id) },
      });
      return { runs: items.map(inLine), all: last === undefined };
    },
    async readWaiting(execution_id) {
      const item = await table.get(runKey(execution_id));
      if (item === undefined) return undefined;
      const { start_event } = item;
      return { run: runOf(item), start_event: typeof start_event === 'string' ? start_event : undefined };
    },
    async takeOut(execution_id, { counted }) {
      const { changed, item } = await table.attempt(runKey(execution_id), {
        update: `${counted ? 'SET counted = :yes ' : ''}REMOVE ${LINE}`,
        condition: 'attribute_exists(queued_at)',
        ...(counted && { values: { ':yes': true } }),
      });
      return { out: changed, run: item && runOf(item) };
    },
    async endInLine(execution_id, ended_at) {
      const changed = await table.change(runKey(execution_id), {
        update: `SET #status = :cancelled, ended_at = :at REMOVE ${LINE}`,
        condition: '#status = :running AND attribute_exists(queued_at)',
        names: { '#status': 'status' },
        values: { ':cancelled': 'CANCELLED', ':running': 'RUNNING', ':at': ended_at },
      });
      return changed !== undefined;
    },
  };
}

function inLine({ gsi2sk }: Item): InLine {
  const [queued_at, execution_id] = String(gsi2sk).split('#');
  return { queued_at, execution_id } as InLine; // as `waitingAttributes` wrote it
}
