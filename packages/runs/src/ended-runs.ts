import type { Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import { TABLE_SHARDS } from '@statebag/contracts/limits';
import {
  endedKey,
  endedKeys,
  endedPartitions,
  expiresAfter,
  partKey,
  partsSince,
  runKey,
} from './item-keys.ts';
import type { Divergence, Generation, TerminalStatus } from './run-record.ts';
import type { Change, Item, Page, RunsTable } from './runs-table.ts';
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
  /**
   * States that its execution entered, with those of every execution that was a part of it: branches,
   * continuations, lists.
   */
  readonly transitions: number;
  /** What models took; missing where the output was too large to be told. */
  readonly tokens_nano_usd?: number | undefined;
  readonly divergence?: Divergence | undefined;
}

/** An execution that did a part of a run, and the states it entered. */
export interface RunPart {
  readonly execution_id: ExecutionId;
  readonly execution_arn: string;
  readonly ended_at: Timestamp;
  readonly transitions: number;
}

export interface EndedRuns {
  /**
   * Keeps an end with the states of its own execution, and adds its parts where it has any; the same end
   * again changes nothing.
   */
  recordEnd(run: EndedRun, hasParts?: boolean): Promise<void>;
  /**
   * Keeps a part, before or after the end of its run is kept: it counts once, with the execution during which
   * it ended.
   */
  recordPart(part: RunPart): Promise<void>;
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
    async recordEnd(run, hasParts = true) {
      const item = { ...endedKey(run), ...run, expires_at: expiresAfter(run.ended_at) };
      await table.put(item, { condition: 'attribute_not_exists(pk)' });
      if (hasParts) await addParts(table, run);
    },
    async recordPart({ execution_id, execution_arn, ended_at, transitions }) {
      const item = {
        ...partKey({ execution_id, ended_at, execution_arn }),
        transitions,
        expires_at: expiresAfter(ended_at),
      };
      await table.put(item, { condition: 'attribute_not_exists(pk)' });
      const run = await table.get(runKey(execution_id));
      // it has what a key is made of
      const end =
        run?.['ended_at'] === undefined ? undefined : await findEnd(table, run as unknown as EndedRun);
      if (end) await addParts(table, end as unknown as EndedRun); // only this file writes these items
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

async function findEnd(table: RunsTable, end: EndPlace): Promise<Item | undefined> {
  for (const key of endedKeys(end)) {
    const item = await table.get(key);
    if (item) return item;
  }
  return undefined;
}

/** False where the condition of the change does not hold. */
async function changeEnd(table: RunsTable, end: EndPlace, change: Change): Promise<boolean> {
  for (const key of endedKeys(end)) if (await table.change(key, change)) return true;
  return false;
}

/**
 * Sets what the parts of an ended run come to. Whoever comes second, end or part, finds the other, and a sum
 * only ever grows: so none is
 * lost and none counts twice, in whichever order they are told of.
 */
async function addParts(table: RunsTable, run: EndPlace & Pick<EndedRun, 'started_at'>): Promise<void> {
  const parts = await transitionsOfParts(table, run);
  if (parts === 0) return;
  const condition =
    'attribute_exists(pk) AND (attribute_not_exists(part_transitions) OR part_transitions < :parts)';
  await changeEnd(table, run, {
    update: 'SET part_transitions = :parts',
    condition,
    values: { ':parts': parts },
  });
}

async function transitionsOfParts(
  table: RunsTable,
  { execution_id, started_at }: Pick<EndedRun, 'execution_id' | 'started_at'>,
): Promise<number> {
  const [from, to] = partsSince(execution_id, started_at);
  let [total, after]: [number, Item | undefined] = [0, undefined];
  do {
    const page: Page = await table.query({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ConsistentRead: true,
      values: { ':pk': from.pk, ':from': from.sk, ':to': to.sk },
      ...(after && { after }),
    });
    total += page.items.reduce((sum, { transitions }) => sum + Number(transitions), 0);
    after = page.last;
  } while (after !== undefined);
  return total;
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

function endOf({
  pk: _pk,
  sk: _sk,
  expires_at: _expires,
  transitions,
  part_transitions = 0,
  ...run
}: Item): EndedRun {
  // only this file writes these items
  return { ...run, transitions: Number(transitions) + Number(part_transitions) } as unknown as EndedRun;
}
