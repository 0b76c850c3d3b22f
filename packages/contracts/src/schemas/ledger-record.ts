import { type Static, Type } from 'typebox';
import { UsageSchema } from './history.ts';
import { FieldPointerSchema } from './pointers.ts';
import {
  CountSchema,
  closed,
  JsonObjectSchema,
  JsonSchema,
  NodeIdSchema,
  oneOf,
  Sha256Schema,
  TimestampSchema,
} from './scalars.ts';

/**
 * Of all other members, as canonical JSON: the key does not say what is in the object. Records that were
 * written earlier lack it.
 */
const sha256 = Type.Optional(Sha256Schema);

/** For readers; nothing is decided by it, and records that were written earlier lack it. */
const told = {
  /** Which branch, which turns of loops and which items asked, as paths of numbers. */
  place: Type.Optional(closed({ branch_path: Type.String(), loop: Type.String(), item: Type.String() })),
  /** What was asked, without secrets; long texts and lists cut. */
  asked: Type.Optional(JsonObjectSchema),
  /** UTF-8 bytes of what was asked, whole. */
  asked_bytes: Type.Optional(CountSchema),
};

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
  sha256,
  ...told,
};

/** `ledger/<key>.json`: the result of one outside call, recorded once and for all. */
export const LedgerRecordSchema = Type.Union([
  closed({ ...record, result: JsonSchema }),
  closed({ ...record, pointer: FieldPointerSchema }),
]);
export type LedgerRecord = Static<typeof LedgerRecordSchema>;

/** `ledger/<key>.intent.json`, `….intent-1.json` and so on: an unsafe call is about to be made. */
export const LedgerIntentSchema = closed({
  schema_version: Type.Literal(1),
  key: Sha256Schema,
  node_id: NodeIdSchema,
  node_version: Sha256Schema,
  input_sha256: Sha256Schema,
  recorded_at: TimestampSchema,
});

/** `ledger/<key>.end.json` and so on: the attempt of that number failed, and how far it came. */
export const LedgerEndSchema = closed({
  schema_version: Type.Literal(1),
  key: Sha256Schema,
  node_id: Type.Optional(NodeIdSchema),
  /**
   * `not_sent` and `answered` did nothing outside, so the call may be made again; of `unknown` nobody
   * knows.
   */
  end: oneOf(['not_sent', 'answered', 'unknown']),
  error: Type.String(),
  message: Type.String(),
  recorded_at: TimestampSchema,
  sha256,
  ...told,
});
export type LedgerEnd = Static<typeof LedgerEndSchema>;
