import { type Static, Type } from 'typebox';
import { REDUCERS } from '../statuses.ts';
import type { ChunkResult } from './answer.ts';
import { ChunkCountsSchema, MapOutcomeSchema } from './answer.ts';
import type { ErrorInfo, Usage } from './history.ts';
import { MapRequestSchema } from './pause-request.ts';
import { FieldPointerSchema, StatePointerSchema } from './pointers.ts';
import {
  CountSchema,
  closed,
  JsonObjectSchema,
  JsonSchema,
  MachineArnSchema,
  nullable,
  oneOf,
  S3UriSchema,
  SegmentIdSchema,
  Sha256Schema,
  TimestampSchema,
} from './scalars.ts';
import { CONTROL_SCHEMAS, StateBagSchema } from './state-bag.ts';

/** A line of a map's list of items: the item and its place, or the place and where a large item lies. */
export const MapItemSchema = Type.Union([
  closed({ index: CountSchema, item: JsonSchema }),
  closed({ index: CountSchema, pointer: FieldPointerSchema }),
]);
export type MapItem = Static<typeof MapItemSchema>;

/**
 * Some lines of that list, by their bytes. `execution_order` is the place of the first item, and the name of
 * the chunk.
 */
export const MapSliceSchema = closed({
  execution_order: CountSchema,
  count: CountSchema,
  s3_path: S3UriSchema,
  offset: CountSchema,
  bytes: CountSchema,
});
export type MapSlice = Static<typeof MapSliceSchema>;

/** What prepareDistributedExecution decided: how the items are worked through, and where they lie. */
export const MapPlanSchema = closed({
  mode: oneOf(['empty', 'inline', 'distributed']),
  /** Names everything this try of the map writes: the same for every attempt of its tasks. */
  map_id: Sha256Schema,
  bucket: Type.String(),
  items_key: Type.String(),
  results_prefix: Type.String(),
  /** Of the whole list; those of them that this try runs. */
  total: CountSchema,
  to_run: CountSchema,
  max_items_per_batch: Type.Integer({ minimum: 1 }),
  /** With `inline`: who takes which lines. */
  chunks: Type.Array(MapSliceSchema),
  tolerated_failure_percentage: Type.Number({ minimum: 0, maximum: 100 }),
  /** How the field takes the results in, where the workflow says so. */
  reducer: nullable(oneOf(REDUCERS)),
});
export type MapPlan = Static<typeof MapPlanSchema>;

/**
 * What processSegmentChunk answers: at most 512 bytes. CONTINUE: its time was over, and what it has so far
 * lies at `s3_path`.
 */
export const ChunkReplySchema = closed({
  chunk_id: Type.String({ pattern: '^[0-9]{1,9}$' }),
  status: oneOf(['COMPLETE', 'CONTINUE']),
  execution_order: CountSchema,
  s3_path: S3UriSchema,
  sha256: Sha256Schema,
  counts: ChunkCountsSchema,
});
export type ChunkReply = Static<typeof ChunkReplySchema>;

const {
  schema_version,
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  loop_counter,
  resume_count,
  start_time,
  state_s3_path,
} = CONTROL_SCHEMAS;
const now = TimestampSchema;

/** processSegmentChunk: some items of a map. `batch` is the same for all of them. */
export const ProcessChunkEventSchema = closed({
  batch: closed({
    schema_version,
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    branch_path,
    loop_counter,
    resume_count,
    start_time,
    segment_id: SegmentIdSchema,
    current_state: Type.Union([StatePointerSchema, JsonObjectSchema]),
    /** How the state is kept; machines of the first generation do not say it. */
    state_s3_path: Type.Optional(state_s3_path),
    request: MapRequestSchema,
    /** What an invocation whose time was over left. */
    previous: nullable(ChunkReplySchema),
  }),
  items: Type.Union([Type.Array(MapItemSchema), MapSliceSchema]),
  now,
  /** Tries of this task before this one, also those that found no free place. */
  retry_count: CountSchema,
  /** Nobody tries again after this one: an item that fails for what may pass has failed. */
  last_try: Type.Optional(Type.Boolean()),
});
export type ProcessChunkEvent = Static<typeof ProcessChunkEventSchema>;

/** aggregateDistributedResults: what came of a map, or why nothing did. */
export const AggregateMapEventSchema = closed({
  state_data: StateBagSchema,
  request: MapRequestSchema,
  map: closed({
    plan: Type.Optional(MapPlanSchema),
    results: Type.Optional(MapOutcomeSchema),
    error: Type.Optional(closed({ Error: Type.String(), Cause: Type.Optional(Type.String()) })),
  }),
  now,
  machine_arn: Type.Optional(MachineArnSchema),
});
export type AggregateMapEvent = Static<typeof AggregateMapEventSchema>;

/** What one item came to. A large value is stored. */
export type ItemOutcome =
  | { readonly index: number; readonly status: 'SUCCEEDED'; readonly value: Static<typeof JsonSchema> }
  | {
      readonly index: number;
      readonly status: 'SUCCEEDED';
      readonly pointer: Static<typeof FieldPointerSchema>;
    }
  | { readonly index: number; readonly status: 'FAILED'; readonly error: ErrorInfo };

/**
 * The object a chunk leaves under `map/`: its outcomes in the order of the items. No clock is in it, so that
 * every attempt writes the same.
 */
export type ChunkOutcomes = {
  readonly schema_version: 1;
  readonly chunk_id: string;
  readonly outcomes: readonly ItemOutcome[];
  readonly usage: Usage;
};

/**
 * The object behind `distributed_outputs`: all that a later try of the same map needs, so that it runs only
 * what failed.
 */
export type MapRecord = {
  readonly schema_version: 1;
  readonly node_id: string;
  readonly total: number;
  readonly items_s3_path: string;
  /** Places of the items without a result. */
  readonly failed_items: readonly number[];
  /** Of this try and of those before it, the latest last. */
  readonly chunk_results: readonly ChunkResult[];
};
