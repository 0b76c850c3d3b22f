import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { readPattern } from '../patterns/read-pattern.ts';
import { patternsIn } from '../patterns/schema-patterns.ts';

/** What would end, or mislead, a check of an answer that was paid for. */
export interface SchemaProblem {
  readonly code: 'bad-pattern' | 'bad-schema';
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly mend: string;
}

type At = SchemaProblem['at'];

/** A schema inside of the whole, by the way to it. */
interface Place {
  readonly at: At;
  readonly schema: Json;
  /** Schemas that are asked about the same value, so that a circle of them never ends. */
  readonly sameValue: readonly string[];
}

/** Everything that is wrong with a schema: patterns, references, circles, and keywords of a wrong shape. */
export function problemsOfSchema(schema: JsonObject): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const places = new Map<string, Place>();
  walk(schema, [], { problems, places });
  for (const { at, schema: part } of places.values())
    if (isJsonObject(part)) problems.push(...problemsOfReferences(part, at, places));
  if (problems.length === 0) problems.push(...circles(places));
  return [...patternProblems(schema), ...problems];
}

function patternProblems(schema: JsonObject): SchemaProblem[] {
  return patternsIn(schema).flatMap(({ source, at }) => {
    const read = readPattern(source);
    if (read.ok) return [];
    const message = `the pattern ${JSON.stringify(source)} cannot be used: ${read.problem}`;
    return [{ code: 'bad-pattern', at, message, mend: read.mend }];
  });
}

interface Walk {
  readonly problems: SchemaProblem[];
  readonly places: Map<string, Place>;
}

/** Meets every schema once. What a keyword holds that is none is a problem. */
function walk(schema: Json, at: At, found: Walk): void {
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) {
    found.problems.push(bad(at, 'a schema is an object, true or false'));
    return;
  }
  const below = isJsonObject(schema) ? schemasBelow(schema, at, found.problems) : [];
  const sameValue = below.filter(({ asks }) => asks === 'same').map((each) => pointerTo(each.at));
  found.places.set(pointerTo(at), { at, schema, sameValue });
  for (const each of below) walk(each.schema, each.at, found);
}

interface Below {
  readonly at: At;
  readonly schema: Json;
  readonly asks: 'same' | 'part' | 'nothing';
}

type Form = 'schema' | 'list' | 'names' | 'schema or list';

/** Keywords that hold schemas: in which form, and whether those are asked about the same value. */
const HOLDS: Readonly<Record<string, readonly [Form, Below['asks']]>> = {
  allOf: ['list', 'same'],
  anyOf: ['list', 'same'],
  oneOf: ['list', 'same'],
  not: ['schema', 'same'],
  if: ['schema', 'same'],
  // biome-ignore lint/suspicious/noThenProperty: the name of a keyword
  then: ['schema', 'same'],
  else: ['schema', 'same'],
  dependentSchemas: ['names', 'same'],
  properties: ['names', 'part'],
  patternProperties: ['names', 'part'],
  additionalProperties: ['schema', 'part'],
  unevaluatedProperties: ['schema', 'part'],
  propertyNames: ['schema', 'part'],
  prefixItems: ['list', 'part'],
  items: ['schema or list', 'part'],
  additionalItems: ['schema', 'part'],
  unevaluatedItems: ['schema', 'part'],
  contains: ['schema', 'part'],
  $defs: ['names', 'nothing'],
  definitions: ['names', 'nothing'],
};

const TYPES: ReadonlySet<Json | undefined> = new Set([
  'array',
  'boolean',
  'integer',
  'null',
  'number',
  'object',
  'string',
]);
const isCount = (value: Json) => Number.isInteger(value) && Number(value) >= 0;
const isNumber = (value: Json) => typeof value === 'number';
const isText = (value: Json) => typeof value === 'string';
const isNames = (value: Json) => Array.isArray(value) && value.every(isText);

/** The other keywords that the validator relies on, with the shape that each needs. */
const SHAPES: Readonly<Record<string, readonly [(value: Json) => boolean, string]>> = {
  type: [
    (value) => (Array.isArray(value) ? value : [value]).every((type) => TYPES.has(type)),
    `one or a list of ${[...TYPES].join(', ')}`,
  ],
  enum: [Array.isArray, 'a list of values'],
  required: [isNames, 'a list of names'],
  dependentRequired: [
    (value) => isJsonObject(value) && Object.values(value).every((names) => isNames(names ?? null)),
    'lists of names by name',
  ],
  pattern: [isText, 'a text'],
  format: [isText, 'a text'],
  $anchor: [isText, 'a text'],
  minimum: [isNumber, 'a number'],
  maximum: [isNumber, 'a number'],
  exclusiveMinimum: [isNumber, 'a number'],
  exclusiveMaximum: [isNumber, 'a number'],
  multipleOf: [(value) => typeof value === 'number' && value > 0, 'a number above 0'],
  minLength: [isCount, 'a whole number from 0'],
  maxLength: [isCount, 'a whole number from 0'],
  minItems: [isCount, 'a whole number from 0'],
  maxItems: [isCount, 'a whole number from 0'],
  minContains: [isCount, 'a whole number from 0'],
  maxContains: [isCount, 'a whole number from 0'],
  minProperties: [isCount, 'a whole number from 0'],
  maxProperties: [isCount, 'a whole number from 0'],
  uniqueItems: [(value) => typeof value === 'boolean', 'true or false'],
};

function schemasBelow(schema: JsonObject, at: At, problems: SchemaProblem[]): Below[] {
  return Object.entries(schema).flatMap(([key, value]) => {
    const here = [...at, key];
    const shape = Object.hasOwn(SHAPES, key) ? SHAPES[key] : undefined;
    if (shape && !shape[0](value)) problems.push(bad(here, `\`${key}\` needs ${shape[1]}`));
    const holds = Object.hasOwn(HOLDS, key) ? HOLDS[key] : undefined;
    if (!holds) return [];
    const [form, asks] = holds;
    const members = membersOf(value, form);
    if (members === null) {
      problems.push(bad(here, `\`${key}\` needs ${form === 'names' ? 'schemas by name' : `a ${form}`}`));
      return [];
    }
    return members.map(([way, member]) => ({ at: [...here, ...way], schema: member, asks }));
  });
}

/** The schemas that a keyword holds, with the way to each; null where it has another form. */
function membersOf(value: Json, form: Form): (readonly [At, Json])[] | null {
  if (Array.isArray(value))
    return form === 'list' || form === 'schema or list'
      ? value.map((member, index) => [[index], member] as const)
      : null;
  if (form === 'names')
    return isJsonObject(value)
      ? Object.entries(value).map(([name, member]) => [[name], member] as const)
      : null;
  return form === 'list' ? null : [[[], value]];
}

/** Ways of other drafts to refer to a schema, which the validator does not follow as its author thinks. */
const NOT_FOLLOWED = ['$dynamicRef', '$recursiveRef'];

function problemsOfReferences(schema: JsonObject, at: At, places: Walk['places']): SchemaProblem[] {
  const others = NOT_FOLLOWED.filter((key) => Object.hasOwn(schema, key));
  const problems = others.map((key) => bad([...at, key], `\`${key}\` is not followed`, REFER));
  if (at.length > 0 && Object.hasOwn(schema, '$id'))
    problems.push(bad([...at, '$id'], 'only the whole schema may have an `$id`', 'remove it'));
  const { $ref } = schema;
  if ($ref === undefined) return problems;
  const here = [...at, '$ref'];
  const said = JSON.stringify($ref);
  if (typeof $ref !== 'string' || !$ref.startsWith('#'))
    problems.push(bad(here, `${said} lies outside of this schema; nothing is fetched`, REFER));
  else if (targetOf($ref, places) === null)
    problems.push(bad(here, `${said} leads to no schema here`, `known are ${namesOf(places)}`));
  return problems;
}

const REFER = 'write the schema under `$defs`, and refer to it by "#/$defs/<name>"';

function namesOf(places: Walk['places']): string {
  const names = [...places.keys()].filter((pointer) => /^\/(?:\$defs|definitions)\/[^/]+$/.test(pointer));
  return names.length === 0 ? '"#" only: there are no `$defs`' : names.map((name) => `"#${name}"`).join(', ');
}

/** The pointer of what a reference means; null where there is no such schema. */
function targetOf(reference: string, places: Walk['places']): string | null {
  const pointer = decoded(reference.slice(1));
  if (pointer === '' || pointer.startsWith('/')) return places.has(pointer) ? pointer : null;
  const anchored = [...places].find(
    ([, { schema }]) => isJsonObject(schema) && schema['$anchor'] === pointer,
  );
  return anchored?.[0] ?? null;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment; // no address: nothing has this name, which is said
  }
}

function pointerTo(at: At): string {
  return at.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Schemas that ask themselves about the same value, directly or around. */
function circles(places: Walk['places']): SchemaProblem[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: SchemaProblem[] = [];
  const visit = (pointer: string): void => {
    const place = places.get(pointer);
    if (!place || state.get(pointer) === 'done') return;
    if (state.get(pointer) === 'open') {
      found.push(bad(place.at, 'this schema asks itself about the same value, without end', ASK_A_PART));
      return;
    }
    state.set(pointer, 'open');
    nextOf(place, places).forEach(visit);
    state.set(pointer, 'done');
  };
  for (const pointer of places.keys()) visit(pointer);
  return found;
}

const ASK_A_PART = 'let it refer to itself inside of `properties` or `items` only';

function nextOf({ schema, sameValue }: Place, places: Walk['places']): readonly string[] {
  const reference = isJsonObject(schema) ? schema['$ref'] : undefined;
  const target = typeof reference === 'string' ? targetOf(reference, places) : null;
  return target === null ? sameValue : [...sameValue, target];
}

function bad(at: At, message: string, mend = 'see json-schema.org, draft 2020-12'): SchemaProblem {
  return { code: 'bad-schema', at, message, mend };
}
