import { type Static, Type } from 'typebox';
import { ID_PATTERN } from '../ids.ts';
import { closed, JsonObjectSchema, Sha256Schema } from './scalars.ts';

/** What was said before the prompt. */
const turn = closed({
  role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]),
  content: Type.String(),
});
export type ConversationTurn = Static<typeof turn>;

/** A file of the owner that goes along with a question: by its name and by its content. */
const attachedFile = closed({
  name: Type.String(),
  media_type: Type.String(),
  bytes: Type.Integer({ minimum: 1 }),
  sha256: Sha256Schema,
});
export type AttachedFile = Static<typeof attachedFile>;

/** One question to a model, resolved: everything that asking it takes. */
const question = {
  provider: Type.String(),
  model: Type.String(),
  prompt: Type.String(),
  system: Type.Optional(Type.String()),
  earlier: Type.Optional(Type.Array(turn, { minItems: 1 })),
  files: Type.Optional(Type.Array(attachedFile, { minItems: 1 })),
  temperature: Type.Optional(Type.Number()),
  max_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
  response_schema: Type.Optional(JsonObjectSchema),
  /** How often an answer that does not obey the schema is asked for. */
  tries: Type.Integer({ minimum: 1 }),
  /** Longest wait for one answer. */
  timeout_ms: Type.Integer({ minimum: 1 }),
  /** Longest answer, as bytes on the wire; 10 MB where it is not said. */
  max_bytes: Type.Optional(Type.Integer({ minimum: 1 })),
};
export const ModelCallSchema = closed(question);
export type ModelCall = Static<typeof ModelCallSchema>;

/** What a run, or one of its nodes, may spend on models. */
export const SpendLimitSchema = closed({
  max_cost_usd: Type.Optional(Type.Number({ minimum: 0 })),
  /** Of questions and answers together. */
  max_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type SpendLimit = Static<typeof SpendLimitSchema>;

/** What all runs of an owner that name it may spend together. */
export const SharedBudgetSchema = closed({
  name: Type.String({ pattern: ID_PATTERN }),
  max_cost_usd: Type.Optional(Type.Number({ minimum: 0 })),
  max_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
});
export type SharedBudget = Static<typeof SharedBudgetSchema>;

/**
 * The limits of a workflow that concern a call: of the whole run, of nodes by their ids, and of the budget
 * that it shares with other runs.
 */
export const SpendLimitsSchema = closed({
  run: Type.Optional(SpendLimitSchema),
  nodes: Type.Optional(Type.Record(Type.String({ pattern: ID_PATTERN }), SpendLimitSchema)),
  budget: Type.Optional(SharedBudgetSchema),
});
export type SpendLimits = Static<typeof SpendLimitsSchema>;

/** The same for a worker of its own, with the place in the run that the ledger knows it by. */
export const AsyncModelCallSchema = closed({
  schema_version: Type.Literal(1),
  ...question,
  node_version: Sha256Schema,
  input_sha256: Sha256Schema,
  loop: Type.String(),
  item: Type.String(),
  limits: Type.Optional(SpendLimitsSchema),
});
export type AsyncModelCall = Static<typeof AsyncModelCallSchema>;
