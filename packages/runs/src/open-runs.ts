import { type ApprovalRecords, approvalRecords } from './approvals/approval-records.ts';
import { type EndedRuns, endedRuns } from './ended-runs.ts';
import { type Leases, leases } from './leases.ts';
import { type LegacyKeys, legacyKeys } from './legacy-keys.ts';
import { type RolloutChanges, rolloutChanges } from './rollout-changes.ts';
import { type RunRecords, runRecords } from './run-records.ts';
import { openRunsTable, type TableAccess } from './runs-table.ts';

/** Everything the table `runs` knows. Every call raises `Store.Unavailable` or `Store.AccessDenied` where the table cannot be asked. */
export type Runs = RunRecords & ApprovalRecords & Leases & EndedRuns & LegacyKeys & RolloutChanges;

export function openRuns(access: TableAccess): Runs {
  const table = openRunsTable(access);
  return { ...runRecords(table), ...approvalRecords(table), ...leases(table), ...endedRuns(table), ...legacyKeys(table), ...rolloutChanges(table) };
}
