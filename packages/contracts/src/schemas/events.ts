import { type Static, Type } from 'typebox';
import { ApprovalRequestSchema, AsyncLlmRequestSchema, MapRequestSchema } from './pause-request.ts';
import { BranchPointerSchema } from './pointers.ts';
import {
  CountSchema,
  closed,
  IdempotencyKeySchema,
  JsonObjectSchema,
  MachineArnSchema,
  S3UriSchema,
  SchemaVersionSchema,
  SegmentIdSchema,
  TimestampSchema,
} from './scalars.ts';
import { CONTROL_SCHEMAS, StateBagSchema } from './state-bag.ts';

const start = {
  schema_version: SchemaVersionSchema,
  owner_id: CONTROL_SCHEMAS.owner_id,
  workflow_id: CONTROL_SCHEMAS.workflow_id,
  definition_id: CONTROL_SCHEMAS.definition_id,
  execution_id: CONTROL_SCHEMAS.execution_id,
  idempotency_key: Type.Optional(IdempotencyKeySchema),
  /**
   * The machine version the run stays on; without it, the machine as it is when a branch or continuation
   * starts.
   */
  machine_arn: Type.Optional(MachineArnSchema),
};

/** Input of the state machine: the run's ids, and its input inline or as an upload of the owner. */
export const StartEventSchema = Type.Union([
  closed({ ...start, input: JsonObjectSchema }),
  closed({ ...start, input_s3_path: S3UriSchema }),
]);
export type StartEvent = Static<typeof StartEventSchema>;

/** `now` is the state's entered time, so that another try gives the same bytes. */
const now = TimestampSchema;

const {
  schema_version,
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  loop_counter,
  resume_count,
  max_loop_iterations,
  cursor,
  start_time,
  state_s3_path,
} = CONTROL_SCHEMAS;

/** A state and how it is kept; machines of the first generation do not say it. */
const keptState = {
  current_state: StateBagSchema.properties.current_state,
  state_s3_path: Type.Optional(state_s3_path),
};

/**
 * executeSegment: control fields picked one by one, and the state with its pointers. No workflow, manifest or
 * history.
 */
export const ExecuteSegmentEventSchema = closed({
  schema_version,
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  segment_id: SegmentIdSchema,
  loop_counter,
  resume_count,
  max_loop_iterations,
  cursor,
  start_time,
  now,
  ...keptState,
});
export type ExecuteSegmentEvent = Static<typeof ExecuteSegmentEventSchema>;

/**
 * executeSegment, where nothing stands between the segment and the merge of its result: the bag comes along,
 * and the answer is the envelope that `sync` gives, or `sync_branch` where a branch is named.
 */
export const SegmentTurnEventSchema = closed({
  schema_version,
  state_data: StateBagSchema,
  now,
  /** Tries of this task before this one. */
  retry_count: CountSchema,
  machine_arn: Type.Optional(MachineArnSchema),
  branch: Type.Optional(
    Type.Pick(BranchPointerSchema, ['branch_id', 'branch_index'], { additionalProperties: false }),
  ),
});
export type SegmentTurnEvent = Static<typeof SegmentTurnEventSchema>;

/** Which pause a waiting task belongs to, and the token that ends it. */
const pause = {
  schema_version,
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  segment_id: SegmentIdSchema,
  loop_counter,
  now,
};
const task_token = Type.String({ pattern: '^[\\s\\S]{1,2048}$' });

/** storeTaskToken: a run waits for a person. `loop_counter` is the bag's. */
export const StoreTaskTokenEventSchema = closed({
  ...pause,
  resume_count,
  request: ApprovalRequestSchema,
  task_token,
  execution_arn: Type.String(),
});
export type StoreTaskTokenEvent = Static<typeof StoreTaskTokenEventSchema>;

/** asyncLlmHandler: a run waits for a model. `loop_counter` is the bag's. */
export const AsyncLlmEventSchema = closed({ ...pause, request: AsyncLlmRequestSchema, task_token });
export type AsyncLlmEvent = Static<typeof AsyncLlmEventSchema>;

/**
 * prepareDistributedExecution: decides how a map is run and writes its items. `state` has what the items'
 * expression reads.
 */
export const PrepareDistributedEventSchema = closed({
  ...pause,
  resume_count,
  start_time,
  request: MapRequestSchema,
  ...keptState,
});
export type PrepareDistributedEvent = Static<typeof PrepareDistributedEventSchema>;
