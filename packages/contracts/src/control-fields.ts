/** Fields that steer the run: always inline, never offloaded, never writable by a node. The one list. */
export const CONTROL_FIELDS = [
  'schema_version',
  'execution_id',
  'owner_id',
  'workflow_id',
  'definition_id',
  'idempotency_key',
  'branch_path',
  'segment_id',
  'segment_to_run',
  'total_segments',
  'loop_counter',
  'resume_count',
  'max_loop_iterations',
  'max_branch_iterations',
  'max_concurrency',
  'distributed_strategy',
  'status',
  'next_action',
  'cursor',
  'wait_until',
  'history_events',
  'state_s3_path',
  'segment_manifest_s3_path',
  'pre_snapshot_s3_path',
  'post_snapshot_s3_path',
  'guardrail_verified',
  'batch_count_actual',
  'start_time',
  'last_update_time',
  'payload_size_kb',
] as const;
export type ControlField = (typeof CONTROL_FIELDS)[number];

/** Wall-clock fields, wherever they stand in bag, history or pointer: left out of comparison and hashing. */
export const CLOCK_FIELDS: ReadonlySet<string> = new Set([
  'start_time',
  'last_update_time',
  'stored_at',
  'archived_at',
  'created_at',
  'started_at',
  'ended_at',
  'recorded_at',
  'aggregation_timestamp',
]);

/** Test switches: deployment configuration only, refused in user input. */
export const RESERVED_INPUT_FIELDS: ReadonlySet<string> = new Set(['MOCK_MODE', 'AUTO_RESUME_HITP']);

/** Keys that could reach an object's prototype: refused in every delta, document and merge. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
