import type { Sha256 } from '@statebag/contracts';
import type { ExecutionId, NodeId } from '@statebag/contracts/ids';
import { canonicalJson, sha256Of } from '@statebag/state-core';

/** Which node calls, and on which turn of which loops and items. */
export interface CallPlace {
  readonly node_id: NodeId;
  readonly node_version: Sha256;
  readonly loop: string;
  readonly item: string;
}

/** The key of a call: the same question at the same place of the same run. */
export function ledgerKey(
  run: { readonly execution_id: ExecutionId; readonly branch_path: string },
  place: CallPlace,
  input_sha256: Sha256,
): Sha256 {
  const { node_version, loop, item } = place;
  return sha256Of(canonicalJson([node_version, input_sha256, run.execution_id, run.branch_path, loop, item]));
}
