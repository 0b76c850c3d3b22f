import type { Sha256 } from '@statebag/contracts';
import { lineageOf } from '@statebag/contracts/fork-lineage';
import type { ExecutionId } from '@statebag/contracts/ids';
import { ledgerUri, type RunLocation } from '@statebag/contracts/object-keys';
import type { LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { type CallPlace, ledgerKey } from './ledger-key.ts';
import { getIfThere, readEnd, readRecord } from './ledger-records.ts';

/** The same call at the same place of a run that this one was forked from. */
export interface CallBefore {
  readonly location: RunLocation;
  readonly key: Sha256;
}

interface Call {
  readonly branch_path: string;
  readonly place: CallPlace;
  readonly input_sha256: Sha256;
}

/**
 * Where the runs that a run was forked from recorded a call, the nearest first; nothing for a run of its
 * own.
 */
export function callsBefore(
  location: RunLocation,
  { branch_path, place, input_sha256 }: Call,
): readonly CallBefore[] {
  return lineageOf(location.execution_id)
    .slice(1)
    .map((execution_id) => ({
      location: { ...location, execution_id },
      key: ledgerKey({ execution_id, branch_path }, place, input_sha256),
    }));
}

/** What the nearest of them recorded. */
export async function recordedBefore(
  store: ObjectStore,
  calls: readonly CallBefore[],
): Promise<LedgerRecord | null> {
  for (const { location, key } of calls) {
    const record = await readRecord(store, location, key);
    if (record) return record;
  }
  return null;
}

/** The run that began the call and does not say how it ended; null where none did. */
export async function unfinishedBefore(
  store: ObjectStore,
  calls: readonly CallBefore[],
): Promise<ExecutionId | null> {
  for (const { location, key } of calls)
    for (let attempt = 0; ; attempt += 1) {
      const intent = ledgerUri(location, key, { of: 'intent', attempt });
      if ((await getIfThere(store, intent)) === null) break;
      const end = await readEnd(store, location, { key, attempt });
      if (!end || end.end === 'unknown') return location.execution_id;
    }
  return null;
}
