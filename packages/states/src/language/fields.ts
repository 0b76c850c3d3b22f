import { isArray, isObject, type Json } from './json.ts';
import { expressionIn } from './jsonata.ts';
import type { Language, Reader } from './reader.ts';

/** What a field holds. A program is an object with StartAt and States, which is compiled apart. */
export type Holds =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'object'
  | 'list'
  | 'texts'
  | 'path'
  | 'referencePath'
  | 'program'
  | 'programs'
  | 'any';

/** All that is known of a field: the parser, the findings and the schema for editors go by it. */
export interface FieldRule {
  readonly holds: Holds;
  readonly least?: number;
  readonly most?: number;
  /** The texts that it may hold. */
  readonly values?: readonly string[];
  /** Only objects of this query language have it. */
  readonly only?: Language;
  /** In a JSONata state an expression may stand in its place. */
  readonly expression?: true;
  readonly nullable?: true;
  readonly required?: true;
  /** Fields that cannot stand beside it. */
  readonly excludes?: readonly string[];
  /** The fields of the object, or of each object of the list. */
  readonly fields?: FieldTable;
}

/** The fields of an object, by name. */
export type FieldTable = Readonly<Record<string, FieldRule>>;

export const TEXT: FieldRule = { holds: 'text' };
export const ANY: FieldRule = { holds: 'any' };
export const OBJECT: FieldRule = { holds: 'object' };
/** The fields through which data comes into a JSONPath state and leaves it. */
export const PATH_INPUT_OUTPUT: FieldTable = {
  InputPath: { holds: 'path', only: 'JSONPath', nullable: true },
  OutputPath: { holds: 'path', only: 'JSONPath', nullable: true },
};
/** The fields around work that has a result. */
export const RESULT_FIELDS: FieldTable = {
  ResultSelector: { holds: 'object', only: 'JSONPath' },
  ResultPath: { holds: 'referencePath', only: 'JSONPath', nullable: true },
};
export const OUTPUT: FieldTable = { Output: { holds: 'any', only: 'JSONata' } };
/** What a branch and an item processor have. */
export const PROGRAM_FIELDS: FieldTable = {
  StartAt: { holds: 'text', required: true },
  States: { holds: 'object', required: true },
  Comment: TEXT,
};
export const ASSIGN: FieldTable = { Assign: OBJECT };

/** A number that is written down, evaluated, or pointed to by `<name>Path`. */
export function numberFields(
  name: string,
  rule: { readonly holds: 'integer' | 'number'; readonly least?: number; readonly most?: number },
): FieldTable {
  const path = `${name}Path`;
  return {
    [name]: { ...rule, expression: true, excludes: [path] },
    [path]: { holds: 'path', only: 'JSONPath' },
  };
}

/**
 * Reports every field that should not be there, is missing, or holds what it may not; also inside of objects.
 */
export function checkFields(reader: Reader, table: FieldTable): void {
  for (const field of Object.keys(reader.raw)) {
    const rule = Object.hasOwn(table, field) ? table[field] : undefined;
    if (!rule) reader.report(`Field '${field}' is not supported`);
    else if (rule.only && rule.only !== reader.language)
      reader.report(
        `The QueryLanguage is set to '${reader.language}', but field '${field}' is only supported for the '${rule.only}' QueryLanguage`,
      );
    else checkField(reader, field, rule);
  }
  const missing = Object.entries(table).filter(
    ([field, { required, only }]) =>
      required && (!only || only === reader.language) && !Object.hasOwn(reader.raw, field),
  );
  if (missing.length > 0)
    reader.report(`These fields are required: [${missing.map(([field]) => field).join(', ')}]`);
}

function checkField(reader: Reader, field: string, rule: FieldRule): void {
  reader.exclusive(field, ...(rule.excludes ?? []));
  const value = reader.raw[field] ?? null;
  if (rule.nullable && value === null) return;
  if (rule.expression && reader.language === 'JSONata' && expressionIn(value) !== undefined) return;
  if (!fits(value, rule)) {
    reader.report(`Expected ${describe(rule)}`, { field });
    return;
  }
  const { fields } = rule;
  if (!fields) return;
  const inner =
    rule.holds === 'list' || rule.holds === 'programs' ? reader.objects(field) : [reader.object(field)];
  for (const each of inner) if (each) checkFields(each, fields);
}

function fits(value: Json, { holds, least, most, values }: FieldRule): boolean {
  switch (holds) {
    case 'text':
      return typeof value === 'string' && (values?.includes(value) ?? true);
    case 'path':
    case 'referencePath':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'number':
      return typeof value === 'number' && isWithin(value, { holds, least, most });
    case 'object':
    case 'program':
      return isObject(value);
    case 'list':
    case 'programs':
      return isArray(value);
    case 'texts':
      return isArray(value) && value.every((item) => typeof item === 'string');
    case 'any':
      return true;
    default:
      return holds satisfies never;
  }
}

function isWithin(
  value: number,
  {
    holds,
    least = 0,
    most = Number.MAX_SAFE_INTEGER,
  }: { holds: Holds; least: number | undefined; most: number | undefined },
): boolean {
  return value >= least && value <= most && (holds === 'number' || Number.isInteger(value));
}

function describe({ holds, least = 0, most, values }: FieldRule): string {
  if (values) return `one of ${values.map((value) => `'${value}'`).join(', ')}`;
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  const words: Readonly<Record<Holds, string>> = {
    text: 'a string',
    path: 'a string',
    referencePath: 'a string',
    boolean: 'a boolean',
    integer: `an integer ${range}`,
    number: `a number ${range}`,
    object: 'an object',
    program: 'an object',
    list: 'a list',
    programs: 'a list',
    texts: 'a list of strings',
    any: 'any value',
  };
  return words[holds];
}
