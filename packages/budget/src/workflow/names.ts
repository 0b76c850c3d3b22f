/** How long the names around a run are: they stand in every bag and in every pointer. */
export interface NameLengths {
  readonly bucket: number;
  readonly owner_id: number;
  readonly execution_id: number;
  readonly workflow_id: number;
  readonly machine_arn: number;
  readonly idempotency_key: number;
}

/** The longest that there may be: a budget holds for every owner, run and stage. */
export const LONGEST_NAMES: NameLengths = {
  bucket: 63,
  owner_id: 64,
  execution_id: 64,
  workflow_id: 64,
  machine_arn: 260,
  idempotency_key: 128,
};
