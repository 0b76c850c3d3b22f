import { type TSchema, Type } from 'typebox';
import {
  BRANCH_PATH_PATTERN,
  type BranchPath,
  type DefinitionId,
  type ExecutionId,
  ID_PATTERN,
  type NodeId,
  type OwnerId,
  type SegmentId,
  type WorkflowId,
} from '../ids.ts';
import type { Json, JsonObject } from '../json.ts';
import type { S3Uri } from '../object-keys.ts';
import { SCHEMA_VERSION } from '../statuses.ts';
import type { Sha256, Timestamp } from '../units.ts';

const id = () => Type.String({ pattern: ID_PATTERN });

export const OwnerIdSchema = Type.Unsafe<OwnerId>(id());
export const WorkflowIdSchema = Type.Unsafe<WorkflowId>(id());
export const ExecutionIdSchema = Type.Unsafe<ExecutionId>(id());
export const SegmentIdSchema = Type.Unsafe<SegmentId>(id());
export const NodeIdSchema = Type.Unsafe<NodeId>(id());
export const DefinitionIdSchema = Type.Unsafe<DefinitionId>(id());
export const BranchPathSchema = Type.Unsafe<BranchPath>(Type.String({ pattern: BRANCH_PATH_PATTERN }));
export const Sha256Schema = Type.Unsafe<Sha256>(Type.String({ pattern: '^[0-9a-f]{64}$' }));
export const TimestampSchema = Type.Unsafe<Timestamp>(
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$' }),
);
/** The shape of an address; that it lies inside the run is checked where it is read (`Pointer.Foreign`). */
export const S3UriSchema = Type.Unsafe<S3Uri>(
  Type.String({ pattern: '^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$' }),
);
export const FieldNameSchema = Type.String({
  pattern: '^(?!(__proto__|constructor|prototype)$)[\\s\\S]{1,256}$',
});
export const JsonSchema = Type.Unsafe<Json>({});
export const JsonObjectSchema = Type.Unsafe<JsonObject>({ type: 'object' });
export const CountSchema = Type.Integer({ minimum: 0 });
export const SchemaVersionSchema = Type.Literal(SCHEMA_VERSION);
export const MachineArnSchema = Type.String({
  pattern: '^arn:[a-z0-9-]+:states:[a-z0-9-]*:[0-9]*:stateMachine:[A-Za-z0-9_:-]{1,180}$',
});
export const IdempotencyKeySchema = Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$' });
export const EncodingSchema = oneOf(['json', 'json+zstd', 'json+gzip']);

/** An object that allows no other keys: the rule for everything v3. */
export function closed<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

/** A fixed set of words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words] });
}

export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}
