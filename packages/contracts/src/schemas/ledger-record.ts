import { type Static, Type } from 'typebox';
import { UsageSchema } from './history.ts';
import { FieldPointerSchema } from './pointers.ts';
import { closed, JsonSchema, NodeIdSchema, Sha256Schema, TimestampSchema } from './scalars.ts';

const record = {
  schema_version: Type.Literal(1),
  key: Sha256Schema,
  node_id: NodeIdSchema,
  /** Hash of the node as compiled: another prompt is another call. */
  node_version: Sha256Schema,
  /** Hash of the resolved input. */
  input_sha256: Sha256Schema,
  usage: UsageSchema,
  recorded_at: TimestampSchema,
};

/** `ledger/<key>.json`: the result of one outside call, recorded once and for all. */
export const LedgerRecordSchema = Type.Union([closed({ ...record, result: JsonSchema }), closed({ ...record, pointer: FieldPointerSchema })]);
export type LedgerRecord = Static<typeof LedgerRecordSchema>;

/** `ledger/<key>.intent.json`: an unsafe call is about to be made. */
export const LedgerIntentSchema = closed({
  schema_version: Type.Literal(1),
  key: Sha256Schema,
  node_id: NodeIdSchema,
  node_version: Sha256Schema,
  input_sha256: Sha256Schema,
  recorded_at: TimestampSchema,
});
export type LedgerIntent = Static<typeof LedgerIntentSchema>;
