import type { HeldApproval } from '@statebag/runs';

/** The ids by which the bus is told of an approval. */
export function placeOf({
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  execution_arn,
  branch_path,
  loop_counter,
  request: { node_id },
}: HeldApproval) {
  return {
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    execution_arn,
    branch_path,
    loop_counter,
    node_id,
  };
}
