import { type Static, Type } from 'typebox';
import { REDUCERS, SEGMENT_STATUSES, SEGMENT_TYPES } from '../statuses.ts';
import { ErrorInfoSchema, StateHistorySchema, UsageSchema } from './history.ts';
import { PauseRequestSchema } from './pause-request.ts';
import { BranchPointerSchema, FieldPointerSchema } from './pointers.ts';
import {
  BranchPathSchema,
  CountSchema,
  closed,
  ExecutionIdSchema,
  FieldNameSchema,
  JsonSchema,
  NodeIdSchema,
  nullable,
  oneOf,
  SegmentIdSchema,
  TimestampSchema,
} from './scalars.ts';

/** Which question a result answers. `sync` applies a result only when it is the one the bag expects. */
export const ResultIdSchema = closed({
  execution_id: ExecutionIdSchema,
  branch_path: BranchPathSchema,
  loop_counter: CountSchema,
  segment_id: SegmentIdSchema,
});
export type ResultId = Static<typeof ResultIdSchema>;

const field = FieldNameSchema;
const reducer = oneOf(REDUCERS);

/** One change of one top-level field of `current_state`: written whole, deleted, or combined by a reducer. */
export const DeltaOperationSchema = Type.Union([
  closed({ op: Type.Literal('set'), field, value: JsonSchema }),
  closed({ op: Type.Literal('set'), field, pointer: FieldPointerSchema }),
  closed({ op: Type.Literal('delete'), field }),
  closed({ op: Type.Literal('reduce'), field, reducer, value: JsonSchema }),
  closed({ op: Type.Literal('reduce'), field, reducer, pointer: FieldPointerSchema }),
]);
export type DeltaOperation = Static<typeof DeltaOperationSchema>;

export const DeltaSchema = Type.Array(DeltaOperationSchema);
export type Delta = Static<typeof DeltaSchema>;

/** Where a yielding segment goes on: the node, and the item inside it. */
export const CursorSchema = closed({ node_id: NodeIdSchema, item: CountSchema });
export type Cursor = Static<typeof CursorSchema>;

/** A branch to start: its first and last segment. */
export const BranchSchema = closed({
  branch_id: Type.String({ pattern: '^.{1,64}$' }),
  branch_index: CountSchema,
  first_segment: SegmentIdSchema,
  last_segment: SegmentIdSchema,
  optional: Type.Boolean(),
  /** Set when the group is opened: the path of the branch's own bag. */
  branch_path: Type.Optional(BranchPathSchema),
});
export type Branch = Static<typeof BranchSchema>;

/** What a segment returns: at most 65,536 bytes; whatever is larger was stored before it was returned. */
export const SegmentResultSchema = closed({
  status: oneOf(SEGMENT_STATUSES),
  result_id: ResultIdSchema,
  /** The operations, or where they lie when there are too many to travel. */
  delta: Type.Union([DeltaSchema, FieldPointerSchema]),
  next_segment_to_run: nullable(SegmentIdSchema),
  new_history_logs: StateHistorySchema,
  error_info: nullable(ErrorInfoSchema),
  branches: Type.Union([
    Type.Array(BranchSchema),
    Type.Array(BranchPointerSchema),
    FieldPointerSchema,
    Type.Null(),
  ]),
  segment_type: oneOf(SEGMENT_TYPES),
  usage: UsageSchema,
  /** Set by a yield: CONTINUE to itself. */
  cursor: nullable(CursorSchema),
  /** Due time of a wait, deadline of an approval. */
  wait_until: nullable(TimestampSchema),
  /** With a pause: what the state machine has to arrange. */
  request: nullable(PauseRequestSchema),
  /** Tries of the segment's task before this result; the state machine adds it from its context. */
  retry_count: Type.Optional(CountSchema),
});
export type SegmentResult = Static<typeof SegmentResultSchema>;
