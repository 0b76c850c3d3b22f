import { type Static, type TSchema, Type } from 'typebox';
import { SNAPSHOT_TYPES } from '../statuses.ts';
import { AnswerSchema, MapOutcomeSchema } from './answer.ts';
import { BranchRecordSchema } from './branch-record.ts';
import { ApprovalRequestSchema, AsyncLlmRequestSchema, MapRequestSchema } from './pause-request.ts';
import { BranchPointerSchema, FieldPointerSchema } from './pointers.ts';
import { CountSchema, closed, FieldNameSchema, JsonObjectSchema, JsonSchema, nullable, S3UriSchema, SegmentIdSchema, TimestampSchema } from './scalars.ts';
import { BranchSchema, ResultIdSchema, SegmentResultSchema } from './segment-result.ts';
import { CONTROL_SCHEMAS, IdempotencyKeySchema, MachineArnSchema, SchemaVersionSchema, StateBagSchema } from './state-bag.ts';

const start = {
  schema_version: SchemaVersionSchema,
  owner_id: CONTROL_SCHEMAS.owner_id,
  workflow_id: CONTROL_SCHEMAS.workflow_id,
  definition_id: CONTROL_SCHEMAS.definition_id,
  execution_id: CONTROL_SCHEMAS.execution_id,
  idempotency_key: Type.Optional(IdempotencyKeySchema),
  /** The machine version the run stays on; without it, the machine as it is when a branch or continuation starts. */
  machine_arn: Type.Optional(MachineArnSchema),
};

/** Input of the state machine: the run's ids, and its input inline or as an upload of the owner. */
export const StartEventSchema = Type.Union([closed({ ...start, input: JsonObjectSchema }), closed({ ...start, input_s3_path: S3UriSchema })]);
export type StartEvent = Static<typeof StartEventSchema>;

/** `now` is the state's entered time, so that another try gives the same bytes. */
const now = TimestampSchema;

/** initializeStateData. */
export const InitEventSchema = closed({ action: Type.Literal('init'), start: StartEventSchema, now, machine_arn: Type.Optional(MachineArnSchema) });
export type InitEvent = Static<typeof InitEventSchema>;

/** What every event of stateDataManager has, and what one action adds. */
function bagEvent<const Name extends string, Members extends Record<string, TSchema>>(action: Name, members: Members) {
  return closed({ action: Type.Literal(action), state_data: StateBagSchema, now, machine_arn: Type.Optional(MachineArnSchema), ...members });
}

/** Tries of this task before this one. */
const retry_count = CountSchema;

/** `sync`: merge the result of one segment. */
export const SyncEventSchema = bagEvent('sync', { execution_result: SegmentResultSchema, retry_count });
export type SyncEvent = Static<typeof SyncEventSchema>;

/** `sync_branch`: the same in the bag of a branch, which began with no history and no usage. Without `branch` the id follows from the branch path. */
export const SyncBranchEventSchema = bagEvent('sync_branch', {
  execution_result: SegmentResultSchema,
  retry_count,
  branch: Type.Optional(Type.Pick(BranchPointerSchema, ['branch_id', 'branch_index'], { additionalProperties: false })),
});
export type SyncBranchEvent = Static<typeof SyncBranchEventSchema>;

/** Error and cause as a Catch of Step Functions gives them. */
const CaughtErrorSchema = closed({ Error: Type.String(), Cause: Type.Optional(Type.String()) });

/** `aggregate_branches`: join what the branches of a group left. `group` is the list the group was started with: it knows which branches are optional. */
export const AggregateBranchesEventSchema = bagEvent('aggregate_branches', {
  branches: Type.Union([Type.Array(Type.Union([BranchPointerSchema, BranchRecordSchema])), FieldPointerSchema]),
  load_from_s3: Type.Optional(Type.Boolean()),
  group: Type.Optional(Type.Union([Type.Array(BranchSchema), FieldPointerSchema, Type.Null()])),
  map_error: Type.Optional(nullable(CaughtErrorSchema)),
});
export type AggregateBranchesEvent = Static<typeof AggregateBranchesEventSchema>;

/** The pause or group that an answer belongs to; without it, the one the bag is in. */
const result_id = Type.Optional(ResultIdSchema);

/** `merge_callback`: the answer of a person. Anything but an `Answer` is the answer's value itself. */
export const MergeCallbackEventSchema = bagEvent('merge_callback', { callback_result: Type.Union([AnswerSchema, JsonSchema]), result_id });
export type MergeCallbackEvent = Static<typeof MergeCallbackEventSchema>;

/** `merge_async`: the answer of an asynchronous call. */
export const MergeAsyncEventSchema = bagEvent('merge_async', { async_result: Type.Union([AnswerSchema, JsonSchema]), result_id });
export type MergeAsyncEvent = Static<typeof MergeAsyncEventSchema>;

/** `aggregate_distributed`: take in the results of a map. With `field`, the items' outputs become that field, in order. */
export const AggregateDistributedEventSchema = bagEvent('aggregate_distributed', {
  execution_result: MapOutcomeSchema,
  field: Type.Optional(FieldNameSchema),
  map_error: Type.Optional(nullable(CaughtErrorSchema)),
  /** The scheduler's account of its batches: stored, its figures stay in the bag. */
  scheduling_metadata: Type.Optional(JsonSchema),
  aggregation_timestamp: Type.Optional(TimestampSchema),
});
export type AggregateDistributedEvent = Static<typeof AggregateDistributedEventSchema>;

/** `create_snapshot`: keep what the run can be taken back to. */
export const CreateSnapshotEventSchema = bagEvent('create_snapshot', {
  snapshot_type: Type.Unsafe<(typeof SNAPSHOT_TYPES)[number]>({ type: 'string', enum: [...SNAPSHOT_TYPES] }),
});
export type CreateSnapshotEvent = Static<typeof CreateSnapshotEventSchema>;

/** `restore`: take the run back to a snapshot. */
export const RestoreEventSchema = bagEvent('restore', { snapshot_s3_path: S3UriSchema });
export type RestoreEvent = Static<typeof RestoreEventSchema>;

/** `update_and_compress` of the first generation. Its events are open: whatever else they hold is kept. */
export const UpdateAndCompressEventSchema = Type.Object({
  action: Type.Optional(Type.Literal('update_and_compress')),
  state_data: JsonObjectSchema,
  execution_result: Type.Optional(JsonSchema),
  max_payload_size_kb: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** The result is a turn of the machine and holds the whole state: it takes the state's place instead of being merged into it, and is counted. */
  whole_state: Type.Optional(Type.Boolean()),
  now: Type.Optional(TimestampSchema),
});
export type UpdateAndCompressEvent = Static<typeof UpdateAndCompressEventSchema>;

/** `decompress`, its inverse: `state_data` as it was returned. */
export const DecompressEventSchema = Type.Object({
  action: Type.Literal('decompress'),
  compressed_data: Type.Optional(JsonSchema),
  state_data: Type.Optional(JsonSchema),
});
export type DecompressEvent = Static<typeof DecompressEventSchema>;

const { schema_version, execution_id, owner_id, workflow_id, definition_id, branch_path, loop_counter, resume_count, max_loop_iterations, cursor, start_time } =
  CONTROL_SCHEMAS;

/** executeSegment: control fields picked one by one, and the state with its pointers. No workflow, manifest or history. */
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
  current_state: StateBagSchema.properties.current_state,
});
export type ExecuteSegmentEvent = Static<typeof ExecuteSegmentEventSchema>;

/** Which pause a waiting task belongs to, and the token that ends it. */
const pause = { schema_version, execution_id, owner_id, workflow_id, definition_id, branch_path, segment_id: SegmentIdSchema, loop_counter, now };
const task_token = Type.String({ pattern: '^[\\s\\S]{1,2048}$' });

/** storeTaskToken: a run waits for a person. `loop_counter` is the bag's. */
export const StoreTaskTokenEventSchema = closed({ ...pause, resume_count, request: ApprovalRequestSchema, task_token, execution_arn: Type.String() });
export type StoreTaskTokenEvent = Static<typeof StoreTaskTokenEventSchema>;

/** asyncLlmHandler: a run waits for a model. `loop_counter` is the bag's. */
export const AsyncLlmEventSchema = closed({ ...pause, request: AsyncLlmRequestSchema, task_token });
export type AsyncLlmEvent = Static<typeof AsyncLlmEventSchema>;

/** prepareDistributedExecution: decides how a map is run and writes its items. `state` has what the items' expression reads. */
export const PrepareDistributedEventSchema = closed({
  ...pause,
  resume_count,
  start_time,
  request: MapRequestSchema,
  current_state: StateBagSchema.properties.current_state,
});
export type PrepareDistributedEvent = Static<typeof PrepareDistributedEventSchema>;
