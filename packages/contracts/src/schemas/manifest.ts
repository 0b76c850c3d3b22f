import { type Static, Type } from 'typebox';
import { SEGMENT_TYPES } from '../statuses.ts';
import {
  CountSchema,
  closed,
  DefinitionIdSchema,
  FieldNameSchema,
  JsonObjectSchema,
  NodeIdSchema,
  nullable,
  oneOf,
  SegmentIdSchema,
} from './scalars.ts';

const SegmentSummarySchema = closed({
  segment_id: SegmentIdSchema,
  segment_type: oneOf(SEGMENT_TYPES),
  nodes: Type.Array(NodeIdSchema),
  /** Where it can lead; empty at the end. */
  next: Type.Array(SegmentIdSchema),
});

/** What a run may be started with. */
const InputContractSchema = closed({
  /** Fields that mean something to the workflow; null where any may. */
  known: nullable(Type.Array(FieldNameSchema)),
  required: Type.Array(FieldNameSchema),
  /** JSON Schemas that the input obeys. */
  schemas: Type.Array(JsonObjectSchema),
});
export type InputContract = Static<typeof InputContractSchema>;

/**
 * `definitions/<owner>/<definition_id>/manifest.json`: what init and a reader of the definition need; the
 * segments lie beside it, one object each.
 */
export const ManifestSchema = closed({
  schema_version: Type.Literal(1),
  definition_id: DefinitionIdSchema,
  compiler_version: Type.String(),
  name: Type.String(),
  version: Type.String(),
  first_segment: SegmentIdSchema,
  segments: Type.Array(SegmentSummarySchema),
  total_segments: CountSchema,
  max_loop_iterations: CountSchema,
  max_branch_iterations: CountSchema,
  max_concurrency: CountSchema,
  /** Fields of `current_state` that are the run's output; null means all of them. */
  output_fields: nullable(Type.Array(FieldNameSchema)),
  /** Overwritten field by field by the run's input. */
  initial_state: JsonObjectSchema,
  /** Definitions that were published before it was there take any input. */
  input: Type.Optional(InputContractSchema),
});
export type Manifest = Static<typeof ManifestSchema>;
