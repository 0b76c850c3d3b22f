import { type CollectionTag, parse, type ScalarTag } from 'yaml';

/** A parsed template: what YAML and JSON can say. */
export type Plain = null | boolean | number | string | readonly Plain[] | Mapping;
export interface Mapping {
  readonly [name: string]: Plain;
}

/** True for a mapping of a template. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of a template; one value stands for a list of it. */
export function listOf(value: Plain | undefined): readonly Plain[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

/** Reads a template written as JSON or YAML. @throws Error with the parser's own words */
export function parseDocument(text: string): unknown {
  return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { customTags: SHORT_FORMS });
}

const TEXT_TAGS = ['Ref', 'Sub', 'GetAtt', 'GetAZs', 'ImportValue', 'Condition', 'Base64'];
const LIST_TAGS = [
  'Join',
  'Select',
  'Split',
  'If',
  'Equals',
  'And',
  'Or',
  'Not',
  'FindInMap',
  'Sub',
  'GetAtt',
  'Cidr',
];
const MAPPING_TAGS = ['ImportValue', 'Base64', 'GetAZs', 'Transform'];

/** YAML's short forms of the functions: `!Ref x` is `{ Ref: x }`. */
export const SHORT_FORMS: (ScalarTag | CollectionTag)[] = [
  ...TEXT_TAGS.map(
    (name): ScalarTag => ({
      tag: `!${name}`,
      resolve: (text) => functionOf(name, name === 'GetAtt' ? splitOnce(text) : text),
    }),
  ),
  ...collectionTags(LIST_TAGS, 'seq'),
  ...collectionTags(MAPPING_TAGS, 'map'),
];

function collectionTags(names: readonly string[], collection: 'seq' | 'map'): CollectionTag[] {
  return names.map((name) => ({
    tag: `!${name}`,
    collection,
    resolve: (node) => functionOf(name, node.toJSON()),
  }));
}

function functionOf(name: string, argument: unknown): object {
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: argument };
}

/** An attribute's name may have dots of its own. */
function splitOnce(text: string): readonly string[] {
  const dot = text.indexOf('.');
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
}
