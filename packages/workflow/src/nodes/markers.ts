import { isJsonObject, type JsonObject } from '@statebag/contracts';
import { defineNode } from './define-node.ts';

/** Where a run comes from; it does nothing. */
export const trigger = defineNode({
  type: 'trigger',
  aliases: ['start'],
  marks: 'start',
  doc: 'Marks what starts the workflow. It does nothing when it runs.',
  rules: { description: { kind: 'text', doc: 'For readers.' } },
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});

interface InputConfig {
  readonly fields?: readonly string[];
  readonly optional?: readonly string[];
  readonly schema?: JsonObject;
}

/** What an `input` node says of the input of a run. */
export interface DeclaredInput {
  /** Every field that it names. */
  readonly fields: readonly string[];
  /** Those that a run has to bring. */
  readonly required: readonly string[];
  readonly schema: JsonObject | undefined;
}

export function declaredInput({ fields = [], optional = [], schema }: InputConfig): DeclaredInput {
  const { properties = {}, required = [] } = schema ?? {};
  const ofSchema = isJsonObject(properties) ? Object.keys(properties) : [];
  const asked = Array.isArray(required) ? required.filter((each) => typeof each === 'string') : [];
  return {
    fields: [...new Set([...fields, ...optional, ...ofSchema])],
    required: [...fields.filter((field) => !optional.includes(field)), ...asked],
    schema,
  };
}

/** Declares the fields that the run's input brings. */
export const input = defineNode({
  type: 'input',
  marks: 'start',
  doc: 'Names the fields that the input of a run brings. A start that lacks one, or does not obey the schema, is refused.',
  rules: {
    fields: {
      kind: 'names',
      doc: 'Top-level fields of the input. They are required, unless they stand in `optional` or `initial_state`.',
    },
    optional: { kind: 'names', doc: 'Fields that may be missing.' },
    schema: {
      kind: 'schema',
      doc: 'A JSON Schema that the input obeys. Its properties are fields of the input, too.',
    },
  },
  fields: (config) => declaredInput(config).fields,
  problems: ({ fields, schema }) =>
    fields === undefined && schema === undefined
      ? ['it names no field: give `fields`, `schema` or both']
      : [],
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});

/** Declares the fields that are the run's output. */
export const output = defineNode({
  type: 'output',
  aliases: ['end'],
  marks: 'end',
  doc: 'Names the fields that are the output of the run. Without an output node all of the state is.',
  rules: { fields: { kind: 'names', required: true, doc: 'Top-level fields of the state.' } },
  fields: ({ fields }) => fields,
  output: 'none',
  run: async () => ({ kind: 'done', writes: {} }),
});
