import { type Static, Type } from 'typebox';
import { REDUCERS } from '../statuses.ts';
import { FieldPointerSchema } from './pointers.ts';
import {
  closed,
  FieldNameSchema,
  JsonObjectSchema,
  NodeIdSchema,
  nullable,
  oneOf,
  Sha256Schema,
  TimestampSchema,
} from './scalars.ts';

/** Seconds a task may wait: from a minute to the machine's own limit. */
const timeout_seconds = Type.Integer({ minimum: 60, maximum: 2_592_000 });
/** Which node pauses, and where its answer goes: it replaces the field, or is combined with it. */
const place = { node_id: NodeIdSchema, field: FieldNameSchema, reducer: Type.Optional(oneOf(REDUCERS)) };

/** A person is asked. The answer becomes `field`. */
export const ApprovalRequestSchema = closed({
  kind: Type.Literal('approval'),
  ...place,
  /** What is to be decided; a long text is stored. */
  message: Type.Union([Type.String(), FieldPointerSchema]),
  choices: Type.Array(Type.String({ pattern: '^[\\s\\S]{1,128}$' }), { minItems: 1, maxItems: 32 }),
  /** The choice taken at the deadline. */
  default: nullable(Type.String()),
  on_reject: oneOf(['go_on', 'fail']),
  /** What happens at the deadline. `escalate`: an event, and the same time once more. */
  on_deadline: oneOf(['fail', 'default', 'escalate']),
  deadline: TimestampSchema,
  /** Where the last deadline lies, escalation included, and five minutes more for whoever looks after it. */
  timeout_seconds,
});
export type ApprovalRequest = Static<typeof ApprovalRequestSchema>;

/** A model is asked by a worker of its own. The answer becomes `field`. */
export const AsyncLlmRequestSchema = closed({
  kind: Type.Literal('async_llm'),
  ...place,
  ledger_key: Sha256Schema,
  /** Everything the worker needs to ask; a long question is stored. */
  call: Type.Union([FieldPointerSchema, JsonObjectSchema]),
  timeout_seconds,
});
export type AsyncLlmRequest = Static<typeof AsyncLlmRequestSchema>;

/** A list is worked through by many workers. The results become `field`, in the order of the items. */
export const MapRequestSchema = closed({
  kind: Type.Literal('map'),
  ...place,
  strategy: oneOf(['map_reduce', 'batched']),
  /** Loop turns around the node (`2.0`), empty outside of loops. */
  loop: Type.String({ pattern: '^(|[0-9]+(\\.[0-9]+)*)$' }),
  /** The results of an earlier try of the same map: only what failed there is run again. */
  retry_of: nullable(FieldPointerSchema),
  /**
   * The segment of the node, where a first-generation run brought its workflow along: it is in no published
   * definition.
   */
  segment: Type.Optional(FieldPointerSchema),
});
export type MapRequest = Static<typeof MapRequestSchema>;

/** What the state machine has to arrange before the run goes on. At most 4 KB. */
export const PauseRequestSchema = Type.Union([
  ApprovalRequestSchema,
  AsyncLlmRequestSchema,
  MapRequestSchema,
]);
export type PauseRequest = Static<typeof PauseRequestSchema>;
