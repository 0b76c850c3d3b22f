import { ID_PATTERN, type JsonObject, REDUCERS } from '@statebag/contracts';
import { NODES } from '../nodes/node-table.ts';
import { NODE_TYPES, type NodeType, TYPE_ALIASES } from '../nodes/node-types.ts';
import { OPTION_RULES } from './check-document.ts';
import type { ConfigRule, RuleKind } from './config-rules.ts';

/** JSON Schema of a workflow document, for editors. It comes from the rules that `readWorkflow` checks; the check says more. */
export function workflowSchema(): JsonObject {
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
      initial_state: { type: 'object', description: 'Fields of the state before the first node; the input of a run overwrites them one by one.' },
      state: {
        type: 'object',
        additionalProperties: false,
        properties: { reducers: { type: 'object', additionalProperties: { enum: [...REDUCERS] } }, schema: { type: 'object' } },
      },
      options: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(Object.entries(OPTION_RULES).map(([key, rule]) => [key, schemaOf(rule)])),
      },
    },
    definitions: { scope: SCOPE, edge: EDGE, node: { oneOf: NODE_TYPES.map(nodeSchema) } },
  };
}

const SCOPE_PROPERTIES: JsonObject = {
  nodes: { type: 'array', minItems: 1, items: { $ref: '#/definitions/node' } },
  edges: { type: 'array', items: { $ref: '#/definitions/edge' } },
};
const SCOPE: JsonObject = { type: 'object', required: ['nodes'], additionalProperties: false, properties: SCOPE_PROPERTIES };
const ID: JsonObject = { type: 'string', pattern: ID_PATTERN };
const EDGE: JsonObject = {
  type: 'object',
  required: ['from', 'to'],
  additionalProperties: false,
  properties: { from: ID, to: ID, type: { enum: ['hitp'], description: 'Waits for a person on the way.' } },
};

function nodeSchema(type: NodeType): JsonObject {
  const { doc, rules, output } = NODES[type];
  const aliases = Object.keys(TYPE_ALIASES).filter((alias) => TYPE_ALIASES[alias] === type);
  const required = Object.keys(rules).filter((key) => rules[key]?.required);
  return {
    type: 'object',
    description: doc,
    required: ['id', 'type', ...(required.length > 0 ? ['config'] : []), ...(output === 'required' ? ['output_key'] : [])],
    additionalProperties: false,
    properties: {
      id: ID,
      type: { enum: [type, ...aliases] },
      name: { type: 'string' },
      description: { type: 'string' },
      position: { type: 'object' },
      reads: { type: 'array', items: { type: 'string' }, description: 'Fields it sees besides those its expressions name.' },
      ...(output !== 'none' && { output_key: { type: 'string', minLength: 1, maxLength: 256, description: 'The field that takes the result.' } }),
      config: {
        type: 'object',
        additionalProperties: false,
        required,
        properties: Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, schemaOf(rule)])),
      },
    },
  };
}

function schemaOf(rule: ConfigRule): JsonObject {
  return { description: rule.doc, ...BY_KIND[rule.kind](rule) };
}

const TEXT: JsonObject = { type: 'string' };
const EXPRESSION: JsonObject = { type: 'string', pattern: '^\\s*\\{%[\\s\\S]*%\\}\\s*$' };

const BY_KIND: Readonly<Record<RuleKind, (rule: ConfigRule) => JsonObject>> = {
  text: () => TEXT,
  template: () => ({ oneOf: [TEXT, { type: 'object', required: ['file'], additionalProperties: false, properties: { file: TEXT } }] }),
  expression: () => EXPRESSION,
  value: () => ({}),
  values: () => ({ type: 'object' }),
  integer: (rule) => ({ type: 'integer', ...range(rule) }),
  number: (rule) => ({ type: 'number', ...range(rule) }),
  flag: () => ({ type: 'boolean' }),
  choice: ({ of = [] }) => ({ enum: [...of] }),
  names: () => ({ type: 'array', items: TEXT }),
  schema: () => ({ type: 'object' }),
  body: () => ({ $ref: '#/definitions/scope' }),
  branches: () => ({
    type: 'array',
    minItems: 1,
    items: { type: 'object', required: ['nodes'], additionalProperties: false, properties: { id: ID, optional: { type: 'boolean' }, ...SCOPE_PROPERTIES } },
  }),
  cases: () => ({
    type: 'array',
    minItems: 1,
    items: { type: 'object', required: ['when', 'to'], additionalProperties: false, properties: { when: EXPRESSION, to: ID } },
  }),
  node: () => ID,
};

function range({ least, most }: ConfigRule): JsonObject {
  return { ...(least !== undefined && { minimum: least }), ...(most !== undefined && { maximum: most }) };
}
