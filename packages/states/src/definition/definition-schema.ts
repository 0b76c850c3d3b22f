import type { FieldRule, FieldTable } from '../language/fields.ts';
import { STATE_TYPES } from '../program/execution.ts';
import { MACHINE_FIELDS, stateFields } from './state-fields.ts';

type Schema = Readonly<Record<string, unknown>>;

const EXPRESSION: Schema = { type: 'string', pattern: '^\\{%[\\s\\S]*%\\}$' };
/** JSON Schema of a definition, from the same rules that the compiler goes by; for editors. */
export function definitionSchema(): Schema {
  const states = Object.fromEntries(STATE_TYPES.map((type) => [type, objectSchema(stateFields(type))]));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A state machine in Amazon States Language',
    ...objectSchema(MACHINE_FIELDS),
    definitions: {
      ...states,
      State: {
        type: 'object',
        required: ['Type'],
        properties: { Type: { enum: [...STATE_TYPES] } },
        allOf: STATE_TYPES.map((type) => ({
          if: { properties: { Type: { const: type } }, required: ['Type'] },
          // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
          then: { $ref: `#/definitions/${type}` },
        })),
      },
    },
  };
}

function objectSchema(table: FieldTable): Schema {
  const properties = Object.entries(table).map(([name, rule]) => [
    name,
    name === 'States' ? STATES : fieldSchema(rule),
  ]);
  // What only one language has cannot be required: an editor does not know the language of the machine.
  const required = Object.entries(table).filter(([, rule]) => rule.required && !rule.only);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required: required.map(([name]) => name) } : {}),
    additionalProperties: false,
  };
}

const STATES: Schema = {
  type: 'object',
  minProperties: 1,
  additionalProperties: { $ref: '#/definitions/State' },
};

function fieldSchema(rule: FieldRule): Schema {
  const alternatives = [
    valueSchema(rule),
    ...(rule.nullable ? [{ type: 'null' }] : []),
    ...(rule.expression ? [EXPRESSION] : []),
  ];
  const [only] = alternatives;
  const schema = alternatives.length === 1 && only ? only : { anyOf: alternatives };
  return rule.only ? { description: `Only in ${rule.only} states.`, ...schema } : schema;
}

function valueSchema({ holds, least = 0, most, values, fields }: FieldRule): Schema {
  switch (holds) {
    case 'text':
      return values ? { enum: [...values] } : { type: 'string' };
    case 'path':
    case 'referencePath':
      return { type: 'string', pattern: '^(\\$|States\\.)' };
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
    case 'number':
      return { type: holds, minimum: least, ...(most === undefined ? {} : { maximum: most }) };
    case 'object':
    case 'program':
      return fields ? objectSchema(fields) : { type: 'object' };
    case 'list':
    case 'programs':
      return { type: 'array', ...(fields ? { items: objectSchema(fields) } : {}) };
    case 'texts':
      return { type: 'array', items: { type: 'string' } };
    case 'any':
      return {};
    default:
      return holds satisfies never;
  }
}
