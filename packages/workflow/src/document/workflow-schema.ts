import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { ID_PATTERN } from '@statebag/contracts/ids';
import { REDUCERS } from '@statebag/contracts/statuses';
import {
  BUDGET_RULES,
  type ConfigRule,
  type ConfigRules,
  FILE_RULES,
  LIMIT_RULES,
  RETRY_RULES,
  type RuleKind,
} from '../nodes/config-rules.ts';
import type { NodeDefinition } from '../nodes/define-node.ts';
import { NODES } from '../nodes/node-table.ts';
import { editorSchema } from '../own/config-check.ts';
import type { OwnNode, OwnNodes } from '../own/own-nodes.ts';
import { PROVIDER_NAMES } from '../providers/create-providers.ts';
import { OPTION_RULES } from './check-options.ts';

/**
 * JSON Schema of a workflow document, for editors: with the node types of a project where it has some. It
 * comes from the rules that `readWorkflow` checks; the check says more.
 */
export function workflowSchema(own: OwnNodes = new Map()): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Statebag workflow',
    type: 'object',
    required: ['name', 'nodes'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      name: { type: 'string', minLength: 1, maxLength: 128 },
      version: { type: 'string', minLength: 1, maxLength: 128 },
      description: { type: 'string' },
      ...SCOPE_PROPERTIES,
      initial_state: {
        type: 'object',
        description:
          'Fields of the state before the first node; the input of a run overwrites them one by one.',
      },
      state: {
        type: 'object',
        additionalProperties: false,
        properties: {
          reducers: { type: 'object', additionalProperties: { enum: [...REDUCERS] } },
          schema: { type: 'object' },
        },
      },
      options: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          Object.entries(OPTION_RULES).map(([key, rule]) => [key, schemaOf(rule)]),
        ),
      },
    },
    definitions: {
      scope: SCOPE,
      edge: EDGE,
      node: { oneOf: [...NODES.map(nodeSchema), ...ownNodeSchemas(own)] },
    },
  };
}

const SCOPE_PROPERTIES: JsonObject = {
  nodes: { type: 'array', minItems: 1, items: { $ref: '#/definitions/node' } },
  edges: { type: 'array', items: { $ref: '#/definitions/edge' } },
};
const SCOPE: JsonObject = {
  type: 'object',
  required: ['nodes'],
  additionalProperties: false,
  properties: SCOPE_PROPERTIES,
};
const ID: JsonObject = { type: 'string', pattern: ID_PATTERN };
const EDGE: JsonObject = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: { from: ID, to: ID, type: { enum: ['hitp'], description: 'Waits for a person on the way.' } },
};

function nodeSchema({ type, aliases, doc, rules, output }: NodeDefinition): JsonObject {
  const properties: Record<string, Json> = {
    ...NODE_PROPERTIES,
    type: { enum: [type, ...aliases] },
    config: configSchema(rules),
  };
  if (output !== 'none') properties['output_key'] = OUTPUT_KEY;
  const required = ['id', 'type'];
  if (requiredKeys(rules).length > 0) required.push('config');
  if (output === 'required') required.push('output_key');
  return { type: 'object', description: doc, required, additionalProperties: false, properties };
}

/** Where nothing is said of the project, any type with a point may be one of its types. */
function ownNodeSchemas(own: OwnNodes): readonly JsonObject[] {
  return own.size > 0 ? [...own.values()].map(ownNodeSchema) : [ANY_OWN_NODE];
}

function ownNodeSchema({ type, doc, config, effect, writes }: OwnNode): JsonObject {
  return {
    type: 'object',
    description: doc,
    required: ['id', 'type', ...(writes === null && effect === null ? ['output_key'] : [])],
    additionalProperties: false,
    properties: {
      ...NODE_PROPERTIES,
      type: { const: type },
      config: withExpressions(editorSchema(config) ?? { type: 'object' }),
      ...(writes === null && { output_key: OUTPUT_KEY }),
    },
  };
}

/** The schema of a config, each of whose values may be an expression instead. */
function withExpressions(schema: JsonObject): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties ?? null)) return schema;
  const open = Object.entries(properties as JsonObject).map(([key, value]) => [
    key,
    { anyOf: [isJsonObject(value) ? withExpressions(value) : value, EXPRESSION] },
  ]);
  return { ...schema, properties: Object.fromEntries(open) };
}

const NODE_PROPERTIES: JsonObject = {
  id: ID,
  name: { type: 'string' },
  description: { type: 'string' },
  position: { type: 'object' },
  reads: {
    type: 'array',
    items: { type: 'string' },
    description: 'Fields it sees besides those its expressions name.',
  },
};
const OUTPUT_KEY: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'The field that takes the result.',
};

const ANY_OWN_NODE: JsonObject = {
  type: 'object',
  description: 'A node of a type that the project declares: docs/own-nodes.md.',
  required: ['id', 'type'],
  additionalProperties: false,
  properties: {
    ...NODE_PROPERTIES,
    type: { type: 'string', pattern: '\\.' },
    config: { type: 'object' },
    output_key: OUTPUT_KEY,
  },
};

function configSchema(rules: ConfigRules): JsonObject {
  const properties = Object.entries(rules).map(([key, rule]) => [key, schemaOf(rule)]);
  return {
    type: 'object',
    additionalProperties: false,
    required: requiredKeys(rules),
    properties: Object.fromEntries(properties),
  };
}

function requiredKeys(rules: ConfigRules): string[] {
  return Object.keys(rules).filter((key) => rules[key]?.required);
}

function schemaOf(rule: ConfigRule): JsonObject {
  return { description: rule.doc, ...BY_KIND[rule.kind](rule) };
}

const TEXT: JsonObject = { type: 'string' };
const EXPRESSION: JsonObject = { type: 'string', pattern: '^\\s*\\{%[\\s\\S]*%\\}\\s*$' };

const FILE: JsonObject = {
  type: 'object',
  required: ['file'],
  additionalProperties: false,
  properties: { file: TEXT },
};

const BY_KIND: Readonly<Record<RuleKind, (rule: ConfigRule) => JsonObject>> = {
  text: () => TEXT,
  provider: () => ({ enum: [...PROVIDER_NAMES] }),
  template: () => ({ oneOf: [TEXT, FILE] }),
  expression: () => EXPRESSION,
  value: () => ({}),
  values: () => ({ type: 'object' }),
  integer: (rule) => ({ type: 'integer', ...range(rule) }),
  number: (rule) => ({ type: 'number', ...range(rule) }),
  flag: () => ({ type: 'boolean' }),
  choice: ({ of = [] }) => ({ enum: [...of] }),
  field: () => TEXT,
  names: () => ({ type: 'array', items: TEXT }),
  schema: () => ({ type: 'object' }),
  body: ({ fromFile }) =>
    fromFile ? { oneOf: [{ $ref: '#/definitions/scope' }, FILE] } : { $ref: '#/definitions/scope' },
  branches: () => ({
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['nodes'],
      additionalProperties: false,
      properties: { id: ID, optional: { type: 'boolean' }, ...SCOPE_PROPERTIES },
    },
  }),
  cases: () => ({
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['when', 'to'],
      additionalProperties: false,
      properties: { when: EXPRESSION, to: ID },
    },
  }),
  node: () => ID,
  words: ({ of = [] }) => ({ type: 'array', minItems: 1, items: { enum: [...of] } }),
  retry: () => configSchema(RETRY_RULES),
  files: () => ({ type: 'array', minItems: 1, items: configSchema(FILE_RULES) }),
  limits: () => ({ type: 'object', additionalProperties: configSchema(LIMIT_RULES) }),
  budget: () => configSchema(BUDGET_RULES),
};

function range({ least, most }: ConfigRule): JsonObject {
  return { ...(least !== undefined && { minimum: least }), ...(most !== undefined && { maximum: most }) };
}
