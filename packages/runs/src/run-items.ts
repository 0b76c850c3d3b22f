import { expiresAfter, ownerPartition, runKey } from './item-keys.ts';
import type { NewRun, RunRecord } from './run-record.ts';
import type { Item, ItemKey } from './runs-table.ts';

/** The first item of a run. */
export function runItem(run: NewRun): Item & ItemKey {
  const execution_arns = run.execution_arns ?? [];
  return {
    ...runKey(run.execution_id),
    ...run,
    execution_arns,
    status: 'RUNNING',
    reported: false,
    current_arn: execution_arns.at(-1),
    gsi1pk: ownerPartition(run.owner_id),
    gsi1sk: `${run.started_at}#${run.execution_id}`,
    expires_at: expiresAfter(run.started_at),
  };
}

const TABLE_ATTRIBUTES = new Set(['pk', 'sk', 'gsi1pk', 'gsi1sk', 'expires_at', 'current_arn']);

/** The run of an item that `runItem` and the changes on it wrote. */
export function runOf(item: Item): RunRecord {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !TABLE_ATTRIBUTES.has(name))) as unknown as RunRecord; // only this package writes these items
}
