import { type Static, Type } from 'typebox';
import { NEXT_ACTIONS, SEGMENT_STATUSES } from '../statuses.ts';
import { FailedSegmentSchema, StateHistorySchema, UsageSchema } from './history.ts';
import { PauseRequestSchema } from './pause-request.ts';
import {
  BranchPointerSchema,
  FieldPointerSchema,
  SchedulingSummarySchema,
  StatePointerSchema,
} from './pointers.ts';
import {
  BranchPathSchema,
  CountSchema,
  closed,
  DefinitionIdSchema,
  ExecutionIdSchema,
  IdempotencyKeySchema,
  JsonObjectSchema,
  JsonSchema,
  MachineArnSchema,
  nullable,
  OwnerIdSchema,
  oneOf,
  S3UriSchema,
  SchemaVersionSchema,
  SegmentIdSchema,
  TimestampSchema,
  WorkflowIdSchema,
} from './scalars.ts';
import { BranchSchema, CursorSchema, SegmentResultSchema } from './segment-result.ts';

/** Schemas of the control fields, by name, for events that pick some of them. */
export const CONTROL_SCHEMAS = {
  schema_version: SchemaVersionSchema,
  execution_id: ExecutionIdSchema,
  owner_id: OwnerIdSchema,
  workflow_id: WorkflowIdSchema,
  definition_id: DefinitionIdSchema,
  idempotency_key: nullable(IdempotencyKeySchema),
  branch_path: BranchPathSchema,
  /** The segment whose result was applied last. */
  segment_id: nullable(SegmentIdSchema),
  /** The segment whose result the bag waits for; null when nothing is left to run. */
  segment_to_run: nullable(SegmentIdSchema),
  total_segments: CountSchema,
  /** Results applied on this branch, yields included. */
  loop_counter: CountSchema,
  resume_count: CountSchema,
  max_loop_iterations: CountSchema,
  max_branch_iterations: CountSchema,
  max_concurrency: CountSchema,
  distributed_strategy: nullable(oneOf(['inline', 'map_reduce', 'batched'])),
  /** Status of the result applied last; STARTED before the first. */
  status: oneOf(['STARTED', ...SEGMENT_STATUSES]),
  next_action: oneOf(NEXT_ACTIONS),
  cursor: nullable(CursorSchema),
  wait_until: nullable(TimestampSchema),
  /** Events counted in this execution so far. */
  history_events: CountSchema,
  /**
   * How the state is kept: null says that its fields stand inline, an address that `current_state` is the
   * pointer to that index. No data can write here, so no data is taken for such a pointer.
   */
  state_s3_path: nullable(S3UriSchema),
  segment_manifest_s3_path: nullable(S3UriSchema),
  pre_snapshot_s3_path: nullable(S3UriSchema),
  post_snapshot_s3_path: nullable(S3UriSchema),
  guardrail_verified: Type.Boolean(),
  batch_count_actual: CountSchema,
  start_time: TimestampSchema,
  last_update_time: TimestampSchema,
  /** Size of the sealed bag, rounded up to whole KB. */
  payload_size_kb: Type.Number({ minimum: 0 }),
} as const;

const ChunkResultSchema = closed({
  chunk_id: Type.String(),
  status: Type.String(),
  s3_path: nullable(Type.String()),
  execution_order: nullable(Type.Number()),
});

export const ChunkSummarySchema = closed({
  total: CountSchema,
  succeeded: CountSchema,
  failed: CountSchema,
  /** The first ten, by order. */
  chunk_results: Type.Array(ChunkResultSchema),
});
export type ChunkSummary = Static<typeof ChunkSummarySchema>;

/** The document that travels from state to state: control plane, inline data, pointers. */
export const StateBagSchema = closed({
  ...CONTROL_SCHEMAS,
  /**
   * The user's data: top-level fields inline or as field pointers, or, where `state_s3_path` says so, all of
   * it behind one state pointer.
   */
  current_state: Type.Union([StatePointerSchema, JsonObjectSchema]),
  state_history: StateHistorySchema,
  pending_branches: Type.Optional(
    Type.Union([
      Type.Array(closed({ branch_id: Type.String(), branch_index: CountSchema })),
      FieldPointerSchema,
    ]),
  ),
  failed_segments: Type.Optional(Type.Array(FailedSegmentSchema)),
  failed_segments_s3_path: Type.Optional(FieldPointerSchema),
  distributed_chunk_summary: Type.Optional(ChunkSummarySchema),
  distributed_outputs: Type.Optional(Type.Union([Type.Array(JsonSchema), FieldPointerSchema])),
  chunk_count: Type.Optional(CountSchema),
  last_hitp_response: Type.Optional(Type.Union([FieldPointerSchema, JsonSchema])),
  scheduling_summary: Type.Optional(SchedulingSummarySchema),
  /** In the bag of a branch: what it changed so far. */
  branch_pointer: Type.Optional(BranchPointerSchema),
  usage: UsageSchema,
});
export type StateBag = Static<typeof StateBagSchema>;
export type ControlPlane = Pick<StateBag, keyof typeof CONTROL_SCHEMAS>;

/** A state and how it is kept, as a bag has the two. */
export const FirstStateSchema = closed({
  current_state: StateBagSchema.properties.current_state,
  state_s3_path: CONTROL_SCHEMAS.state_s3_path,
});
export type FirstState = Static<typeof FirstStateSchema>;

/** The reply of every state-changing function. */
export const EnvelopeSchema = closed({
  state_data: StateBagSchema,
  next_action: oneOf(NEXT_ACTIONS),
  /** With PARALLEL_GROUP: the branches to start. */
  branches: Type.Optional(Type.Array(BranchSchema)),
  /** In the bag of a branch: what the branch has left so far. */
  branch_pointer: Type.Optional(BranchPointerSchema),
  /** With PAUSED_FOR_HITP, ASYNC_LLM, MAP_REDUCE and BATCHED: what the state machine has to arrange. */
  request: Type.Optional(PauseRequestSchema),
  /** The version of the machine that the run began on; its branches and continuations stay on it. */
  machine_arn: Type.Optional(MachineArnSchema),
  /** After `init`, where the first segment ran in the same call: the state that the run began with. */
  first_state: Type.Optional(FirstStateSchema),
  /** After `init`, where the first segment failed for good: what `sync` is to merge into the first bag. */
  execution_result: Type.Optional(SegmentResultSchema),
  /** After `create_snapshot`: where the snapshot lies. */
  snapshot_s3_path: Type.Optional(S3UriSchema),
});
export type Envelope = Static<typeof EnvelopeSchema>;
