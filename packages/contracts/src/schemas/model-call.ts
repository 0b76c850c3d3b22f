import { type Static, Type } from 'typebox';
import { closed, JsonObjectSchema, Sha256Schema } from './scalars.ts';

/** One question to a model, resolved: everything that asking it takes. */
const question = {
  provider: Type.String(),
  model: Type.String(),
  prompt: Type.String(),
  system: Type.Optional(Type.String()),
  temperature: Type.Optional(Type.Number()),
  max_tokens: Type.Optional(Type.Integer({ minimum: 1 })),
  response_schema: Type.Optional(JsonObjectSchema),
  /** How often an answer that does not obey the schema is asked for. */
  tries: Type.Integer({ minimum: 1 }),
  /** Longest wait for one answer. */
  timeout_ms: Type.Integer({ minimum: 1 }),
};
export const ModelCallSchema = closed(question);
export type ModelCall = Static<typeof ModelCallSchema>;

/** The same for a worker of its own, with the place in the run that the ledger knows it by. */
export const AsyncModelCallSchema = closed({
  schema_version: Type.Literal(1),
  ...question,
  node_version: Sha256Schema,
  input_sha256: Sha256Schema,
  loop: Type.String(),
  item: Type.String(),
});
export type AsyncModelCall = Static<typeof AsyncModelCallSchema>;
