import type { CallPlaces, SpendAccount, SpendBook, Spent } from '@statebag/workflow';
import { type ApprovalRecords, approvalRecords } from './approvals/approval-records.ts';
import { callPlaces } from './call-places.ts';
import { type EndedRuns, endedRuns } from './ended-runs.ts';
import { STARTS_LEASE } from './item-keys.ts';
import { type Lease, type Leases, leaseAt, leases } from './leases.ts';
import { type LegacyKeys, legacyKeys } from './legacy-keys.ts';
import { type RunList, runList } from './list-runs.ts';
import { type StartBook, startBook } from './queue/start-book.ts';
import { type WaitingRuns, waitingRuns } from './queue/waiting-runs.ts';
import { type RolloutChanges, rolloutChanges } from './rollout-changes.ts';
import { type RunRecords, runRecords } from './run-records.ts';
import { openRunsTable, type TableAccess } from './runs-table.ts';
import { spendBook, spentIn } from './spend-book.ts';

/**
 * Everything the table `runs` knows. Every call raises `Store.Unavailable` or `Store.AccessDenied` where the
 * table cannot be asked.
 */
export interface Runs
  extends RunRecords,
    RunList,
    ApprovalRecords,
    Leases,
    EndedRuns,
    LegacyKeys,
    RolloutChanges {
  /** What is counted of owners whose runs wait to begin. */
  readonly starts: StartBook;
  /** Runs that wait to begin. */
  readonly waiting: WaitingRuns;
  /** Places for calls of providers that have a limit. */
  readonly calls: CallPlaces;
  /** Held by who begins them. */
  readonly startsLease: Lease;
  /** Where all functions of a run count what it spends. */
  readonly book: SpendBook;
  /** What is counted there. */
  spent(place: SpendAccount): Promise<Spent>;
}

/** All of it over requests to DynamoDB. */
export function runsOver(access: TableAccess): Runs {
  const table = openRunsTable(access);
  const { largeOwners = new Set() } = access;
  return {
    ...runRecords(table, largeOwners),
    ...runList(table, largeOwners),
    ...approvalRecords(table),
    ...leases(table),
    ...endedRuns(table),
    ...legacyKeys(table),
    ...rolloutChanges(table),
    starts: startBook(table),
    waiting: waitingRuns(table),
    calls: callPlaces(table),
    startsLease: leaseAt(table, STARTS_LEASE),
    book: spendBook(table),
    spent: spentIn(table),
  };
}
