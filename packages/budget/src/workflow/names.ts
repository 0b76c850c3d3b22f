/** How long the texts are that the services give a run, or that its owner names: they stand beside its data. */
export interface NameLengths {
  readonly bucket: number;
  readonly owner_id: number;
  readonly execution_id: number;
  readonly workflow_id: number;
  readonly machine_arn: number;
  readonly idempotency_key: number;
  readonly task_token: number;
  /** What Lambda and Step Functions put around the answer of a function. */
  readonly call_metadata: number;
}

/** The longest that there may be: a budget holds for every owner, run and stage. */
export const LONGEST_NAMES: NameLengths = {
  bucket: 63,
  owner_id: 64,
  execution_id: 64,
  workflow_id: 64,
  machine_arn: 260,
  idempotency_key: 128,
  task_token: 2_048,
  call_metadata: 1_536,
};
