import type { DefinitionId, ExecutionId, OwnerId, Timestamp, WorkflowId } from '@statebag/contracts';
import { endedKey, endedPartition, expiresAfter, runKey } from './item-keys.ts';
import type { Generation, TerminalStatus } from './run-record.ts';
import type { Item, RunsTable } from './runs-table.ts';

/** What running a legacy run again on v3 came to. */
export type Divergence = { readonly same: true } | { readonly same: false; readonly where: string };

/** An end of a run with what is known of it: what generations are compared by. A run that is resumed ends more than once. */
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
  /** States its own execution entered, branches and continuations not counted. */
  readonly transitions: number;
  /** What models took; missing where the output was too large to be told. */
  readonly tokens_nano_usd?: number | undefined;
  readonly divergence?: Divergence | undefined;
}

export interface EndedRuns {
  /** Keeps an end; the same end again changes nothing. */
  recordEnd(run: EndedRun): Promise<void>;
  /** Ends on a generation since then, newest first. */
  listEnds(generation: Generation, page: { readonly since: Timestamp; readonly limit: number }): Promise<readonly EndedRun[]>;
  /** Keeps at the run and at its end what running it again came to. False where the end is not kept yet. */
  recordDivergence(run: Pick<EndedRun, 'execution_id' | 'generation' | 'ended_at'>, divergence: Divergence): Promise<boolean>;
}

export function endedRuns(table: RunsTable): EndedRuns {
  return {
    async recordEnd(run) {
      const item = { ...endedKey(run), ...run, expires_at: expiresAfter(run.ended_at) };
      await table.put(item, { condition: 'attribute_not_exists(pk)' });
    },
    listEnds: (generation, page) => listEnds(table, generation, page),
    async recordDivergence(run, divergence) {
      const change = { update: 'SET divergence = :divergence', condition: 'attribute_exists(pk)', values: { ':divergence': divergence } };
      await table.change(runKey(run.execution_id), change);
      return (await table.change(endedKey(run), change)) !== undefined;
    },
  };
}

async function listEnds(table: RunsTable, generation: Generation, { since, limit }: { since: Timestamp; limit: number }): Promise<EndedRun[]> {
  const found: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await table.query({
      KeyConditionExpression: 'pk = :side AND sk >= :since',
      ScanIndexForward: false,
      Limit: limit - found.length,
      values: { ':side': endedPartition(generation), ':since': since },
      ...(after && { after }),
    });
    found.push(...page.items);
    after = page.last;
  } while (after !== undefined && found.length < limit);
  return found.map(({ pk: _pk, sk: _sk, expires_at: _expires, ...run }) => run as unknown as EndedRun); // only this file writes these items
}
