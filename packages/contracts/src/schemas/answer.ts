import { type Static, Type } from 'typebox';
import { REDUCERS } from '../statuses.ts';
import { ErrorInfoSchema, UsageSchema } from './history.ts';
import { FieldPointerSchema } from './pointers.ts';
import {
  CountSchema,
  closed,
  FieldNameSchema,
  JsonSchema,
  nullable,
  oneOf,
  SegmentIdSchema,
} from './scalars.ts';
import { ResultIdSchema } from './segment-result.ts';

const answer = {
  /** The pause it answers. */
  result_id: ResultIdSchema,
  /** The field of `current_state` that it becomes. */
  field: FieldNameSchema,
  /** How it is combined with what the field holds; without one it replaces it. */
  reducer: Type.Optional(oneOf(REDUCERS)),
  status: oneOf(['CONTINUE', 'COMPLETE', 'FAILED']),
  /** Where the answer leads, if not where the pause said. */
  next_segment_to_run: Type.Optional(nullable(SegmentIdSchema)),
  usage: Type.Optional(UsageSchema),
  error_info: Type.Optional(nullable(ErrorInfoSchema)),
};

/**
 * What answers a pause or an asynchronous call: at most 65,536 bytes, a larger value stored before it is
 * sent.
 */
export const AnswerSchema = Type.Union([
  closed({ ...answer, value: JsonSchema }),
  closed({ ...answer, pointer: FieldPointerSchema }),
]);
export type Answer = Static<typeof AnswerSchema>;

/** Items of a chunk: of all of them, how many have a result, how many failed. */
export const ChunkCountsSchema = closed({ total: CountSchema, succeeded: CountSchema, failed: CountSchema });

/** What one chunk or item of a map came to. Open: whatever else a worker reports is left out of the bag. */
export const ChunkResultSchema = Type.Object({
  chunk_id: Type.Optional(Type.Union([Type.String(), Type.Number()])),
  status: Type.Optional(Type.String()),
  execution_order: Type.Optional(nullable(Type.Number())),
  s3_path: Type.Optional(nullable(Type.String())),
  sha256: Type.Optional(nullable(Type.String())),
  output: Type.Optional(JsonSchema),
  error: Type.Optional(JsonSchema),
  /** Where it stands for several items. */
  counts: Type.Optional(ChunkCountsSchema),
});
export type ChunkResult = Static<typeof ChunkResultSchema>;

/** Where a Distributed Map wrote its results. */
export const ResultWriterSchema = Type.Object({
  MapRunArn: Type.Optional(Type.String()),
  ResultWriterDetails: Type.Object({ Bucket: Type.String(), Key: Type.String() }),
});
export type ResultWriterOutput = Static<typeof ResultWriterSchema>;

/** The outcome of a map: its results, where they lie, or anything one worker returned. */
export const MapOutcomeSchema = Type.Union([
  ResultWriterSchema,
  FieldPointerSchema,
  Type.Array(JsonSchema),
  JsonSchema,
]);
export type MapOutcome = Static<typeof MapOutcomeSchema>;
