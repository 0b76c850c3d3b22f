import type { ExecutionId } from '@statebag/contracts/ids';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { Ledger } from './ledger.ts';
import { ledgerKey } from './ledger-key.ts';

/**
 * Makes every call and records none: for evaluation in memory. Keys are those that a recording ledger would
 * use.
 */
export function unrecordedLedger(execution_id: ExecutionId): Ledger {
  return {
    call: (place, { input, perform }) =>
      perform(ledgerKey({ execution_id, branch_path: '' }, place, sha256Of(canonicalJson(input)))),
    lookUp: async (place, input) => ({
      key: ledgerKey({ execution_id, branch_path: '' }, place, sha256Of(canonicalJson(input))),
      place,
      recorded: null,
    }),
    counts: () => ({ hits: 0, writes: 0 }),
  };
}
