import type { Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import { TABLE_SHARDS } from '@statebag/contracts/limits';
import { endedKey, endedKeys, endedPartitions, expiresAfter, runKey } from './item-keys.ts';
import type { Divergence, Generation, TerminalStatus } from './run-record.ts';
import type { Change, Item, RunsTable } from './runs-table.ts';
import { mergedPages, type Pages } from './spread.ts';

/**
 * An end of a run with what is known of it: what generations are compared by. A run that is resumed ends more
 * than once.
 */
export interface EndedRun {
  readonly execution_id: ExecutionId;
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly definition_id: DefinitionId;
  readonly execution_arn: string;
  readonly generation: Generation;
  readonly status: TerminalStatus;
  readonly started_at: Timestamp;
  readonly ended_at: Timestamp;
  /** What models took; missing where the output was too large to be told. */
  readonly tokens_nano_usd?: number | undefined;
  readonly divergence?: Divergence | undefined;
}

export interface EndedRuns {
  /** The same end again changes nothing. */
  recordEnd(run: EndedRun): Promise<void>;
  /** Ends on a generation since then, newest first. */
  listEnds(
    generation: Generation,
    page: { readonly since: Timestamp; readonly limit: number },
  ): Promise<readonly EndedRun[]>;
  /** Keeps at the run and at its end what running it again came to. False where the end is not kept yet. */
  recordDivergence(run: EndPlace, divergence: Divergence): Promise<boolean>;
}

export function endedRuns(table: RunsTable): EndedRuns {
  return {
    async recordEnd(run) {
      const item = { ...endedKey(run), ...run, expires_at: expiresAfter(run.ended_at) };
      await table.put(item, { condition: 'attribute_not_exists(pk)' });
    },
    listEnds: (generation, page) => listEnds(table, generation, page),
    async recordDivergence(run, divergence) {
      const change = {
        update: 'SET divergence = :divergence',
        condition: 'attribute_exists(pk)',
        values: { ':divergence': divergence },
      };
      await table.change(runKey(run.execution_id), change);
      return changeEnd(table, run, change);
    },
  };
}

type EndPlace = Pick<EndedRun, 'execution_id' | 'generation' | 'ended_at'>;

/** False where the condition of the change does not hold. */
async function changeEnd(table: RunsTable, end: EndPlace, change: Change): Promise<boolean> {
  for (const key of endedKeys(end)) if (await table.change(key, change)) return true;
  return false;
}

/** A page of a partition when all have the same number of what is asked for, and some room. */
function pageOf(limit: number): number {
  return Math.ceil((2 * limit) / TABLE_SHARDS.ends);
}

async function listEnds(
  table: RunsTable,
  generation: Generation,
  { since, limit }: { since: Timestamp; limit: number },
): Promise<EndedRun[]> {
  const pagesOf =
    (partition: string): Pages =>
    (after) =>
      table.query({
        KeyConditionExpression: 'pk = :side AND sk >= :since',
        ScanIndexForward: false,
        Limit: pageOf(limit),
        values: { ':side': partition, ':since': since },
        ...(after && { after }),
      });
  const newestFirst = { limit, isBefore: (a: Item, b: Item) => String(a['sk']) > String(b['sk']) };
  return (await mergedPages(endedPartitions(generation).map(pagesOf), newestFirst)).map(endOf);
}

/** Items of earlier versions hold counts of states, which nobody reads any more. */
function endOf({
  pk: _pk,
  sk: _sk,
  expires_at: _expires,
  transitions: _transitions,
  part_transitions: _parts,
  ...run
}: Item): EndedRun {
  return run as unknown as EndedRun; // only this file writes these items
}
