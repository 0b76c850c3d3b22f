import { type Static, Type } from 'typebox';
import { CountSchema, closed, JsonObjectSchema, S3UriSchema, SegmentIdSchema, TimestampSchema } from './scalars.ts';
import { SegmentResultSchema } from './segment-result.ts';
import { CONTROL_SCHEMAS, IdempotencyKeySchema, SchemaVersionSchema, StateBagSchema } from './state-bag.ts';

const start = {
  schema_version: SchemaVersionSchema,
  owner_id: CONTROL_SCHEMAS.owner_id,
  workflow_id: CONTROL_SCHEMAS.workflow_id,
  definition_id: CONTROL_SCHEMAS.definition_id,
  execution_id: CONTROL_SCHEMAS.execution_id,
  idempotency_key: Type.Optional(IdempotencyKeySchema),
};

/** Input of the state machine: the run's ids, and its input inline or as an upload of the owner. */
export const StartEventSchema = Type.Union([closed({ ...start, input: JsonObjectSchema }), closed({ ...start, input_s3_path: S3UriSchema })]);
export type StartEvent = Static<typeof StartEventSchema>;

/** `now` is the state's entered time, so that another try gives the same bytes. */
const now = TimestampSchema;

/** initializeStateData. */
export const InitEventSchema = closed({ action: Type.Literal('init'), start: StartEventSchema, now });
export type InitEvent = Static<typeof InitEventSchema>;

/** stateDataManager, `sync`: merge the result of one segment. */
export const SyncEventSchema = closed({
  action: Type.Literal('sync'),
  state_data: StateBagSchema,
  execution_result: SegmentResultSchema,
  now,
  /** Tries of this task before this one. */
  retry_count: CountSchema,
});
export type SyncEvent = Static<typeof SyncEventSchema>;

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
