import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { meet } from './meet.ts';
import { charactersOf } from './pattern-width.ts';
import {
  anything,
  BOOLEAN,
  isNothing,
  joinAll,
  type LooseEnd,
  listOf,
  maybe,
  NOTHING,
  NULL,
  NUMBER_BYTES,
  objectOf,
  plainShape,
  present,
  type Shape,
  shapeOfValue,
  type TextShape,
  textShape,
  WIDEST_CHARACTER,
} from './shape.ts';

/** All values that obey a JSON Schema. What no keyword bounds is a loose end; `of` says whose value it is. */
export function shapeOfSchema(schema: Json, of: string): Shape {
  const root = isJsonObject(schema) ? schema : {};
  return present(shapeAt(schema, { of, at: '', root, open: [] }));
}

interface Place {
  readonly of: string;
  readonly at: string;
  readonly root: JsonObject;
  /** References that are being followed: one that leads to itself has no bound. */
  readonly open: readonly string[];
}

const below = (place: Place, step: string): Place => ({ ...place, at: `${place.at}/${step}` });

function shapeAt(schema: Json, place: Place): Shape {
  if (schema === false) return { ...NOTHING, absent: false };
  if (!isJsonObject(schema)) return anything([end(place, 'type', 'say which type the value has')]);
  if (schema['const'] !== undefined) return shapeOfValue(schema['const']);
  if (Array.isArray(schema['enum'])) return joinAll(schema['enum'].map(shapeOfValue));
  const parts = [...ofCombinations(schema, place), ofTypes(schema, place)];
  return parts.reduce(meet);
}

function ofCombinations(schema: JsonObject, place: Place): readonly Shape[] {
  const all = listAt(schema, 'allOf').map((each) => shapeAt(each, place));
  const choices = ['anyOf', 'oneOf'].flatMap((key) => {
    const each = listAt(schema, key);
    return each.length === 0 ? [] : [joinAll(each.map((one) => shapeAt(one, place)))];
  });
  const { $ref } = schema;
  return [...all, ...choices, ...(typeof $ref === 'string' ? [ofReference($ref, place)] : [])];
}

function listAt(schema: JsonObject, key: string): readonly Json[] {
  const value = schema[key];
  return Array.isArray(value) ? value : [];
}

function ofReference(reference: string, place: Place): Shape {
  if (place.open.includes(reference))
    return anything([
      end(place, '$ref', 'a schema that refers to itself has no bound: write out its levels'),
    ]);
  const target = targetOf(reference, place.root);
  if (target === undefined) return anything([end(place, '$ref', `${reference} leads to no schema here`)]);
  return shapeAt(target, { ...place, open: [...place.open, reference] });
}

function targetOf(reference: string, root: JsonObject): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  let found: Json | undefined = root;
  for (const step of reference
    .slice(1)
    .split('/')
    .filter((each) => each !== '')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isJsonObject(found) ? found[name] : undefined;
  }
  return found;
}

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
type TypeName = (typeof TYPES)[number];

function ofTypes(schema: JsonObject, place: Place): Shape {
  const { type } = schema;
  const named = Array.isArray(type) ? type : type === undefined ? null : [type];
  if (named === null) return untyped(schema, place);
  const shapes = TYPES.filter((each) => named.includes(each)).map((each) => OF_TYPE[each](schema, place));
  return joinAll(shapes);
}

/** Keywords of a kind of value say nothing of the others: without `type` those have no bound. */
function untyped(schema: JsonObject, place: Place): Shape {
  const bounded = KINDS.filter(([, keywords]) => keywords.some((keyword) => schema[keyword] !== undefined));
  const loose = anything([end(place, 'type', 'say which type the value has')]);
  const shapes = bounded.map(([type]) => OF_TYPE[type](schema, place));
  return bounded.length === 0 ? loose : { ...joinAll(shapes), any: loose.any };
}

const KINDS: readonly (readonly [TypeName, readonly string[]])[] = [
  ['object', ['properties', 'additionalProperties', 'maxProperties']],
  ['array', ['items', 'prefixItems', 'maxItems']],
  ['string', ['maxLength', 'pattern']],
  ['number', ['minimum', 'maximum']],
];

const OF_TYPE: Readonly<Record<TypeName, (schema: JsonObject, place: Place) => Shape>> = {
  null: () => NULL,
  boolean: () => BOOLEAN,
  integer: (schema) => plainShape(digitsOf(schema)),
  number: () => plainShape(NUMBER_BYTES),
  string: (schema, place) => textShape(textAt(schema, place)),
  array: listAtPlace,
  object: objectAtPlace,
};

/** Beyond this an integer is written with an exponent. */
const MOST_EXACT = 1e21;

function digitsOf(schema: JsonObject): number {
  const limit = (...keys: readonly string[]) =>
    keys.map((key) => schema[key]).find((value) => typeof value === 'number');
  const [least, most] = [limit('minimum', 'exclusiveMinimum'), limit('maximum', 'exclusiveMaximum')];
  if (least === undefined || most === undefined) return NUMBER_BYTES;
  if (Math.max(Math.abs(least), Math.abs(most)) >= MOST_EXACT) return NUMBER_BYTES;
  return Math.max(...[Math.floor(least), Math.ceil(most)].map((value) => String(value).length));
}

function textAt(schema: JsonObject, place: Place): TextShape {
  const { maxLength, pattern } = schema;
  const told = typeof pattern === 'string' ? charactersOf(pattern) : null;
  const widest = told?.widest ?? WIDEST_CHARACTER;
  const chars = Math.min(typeof maxLength === 'number' ? maxLength : Infinity, told?.most ?? Infinity);
  const loose = Number.isFinite(chars) ? null : end(place, 'maxLength', 'say how long the text may be');
  return { chars, inner: chars * widest, widest, loose };
}

function listAtPlace(schema: JsonObject, place: Place): Shape {
  const first = listAt(schema, 'prefixItems');
  const { maxItems, items } = schema;
  const isClosed = items === false;
  const most = Math.min(
    typeof maxItems === 'number' ? maxItems : Infinity,
    isClosed ? first.length : Infinity,
  );
  const rest = isClosed ? [] : [shapeAt(items ?? true, below(place, '*'))];
  const item = joinAll([...first.map((each, index) => shapeAt(each, below(place, String(index)))), ...rest]);
  const loose = Number.isFinite(most)
    ? null
    : end(place, 'maxItems', 'say how many members the list may have');
  return listOf(most, item, { loose });
}

function objectAtPlace(schema: JsonObject, place: Place): Shape {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(listAt(schema, 'required'));
  const members = new Map<string, Shape>();
  for (const [name, member] of Object.entries(properties)) {
    const shape = shapeAt(member, below(place, name.replaceAll('~', '~0').replaceAll('/', '~1')));
    if (!isNothing(shape)) members.set(name, required.has(name) ? shape : maybe(shape));
  }
  return objectOf(members, { others: othersOf(schema, place) });
}

function othersOf(schema: JsonObject, place: Place) {
  const { additionalProperties = true, maxProperties, propertyNames, patternProperties } = schema;
  if (additionalProperties === false && patternProperties === undefined) return null;
  const most = typeof maxProperties === 'number' ? maxProperties : Infinity;
  const named = isJsonObject(propertyNames) ? textAt(propertyNames, place) : null;
  const isSaid = isJsonObject(additionalProperties) || isJsonObject(patternProperties);
  const isBounded = Number.isFinite(most) && named !== null && Number.isFinite(named.chars);
  const keyword = isSaid
    ? Number.isFinite(most)
      ? 'propertyNames'
      : 'maxProperties'
    : 'additionalProperties';
  const loose = isBounded ? null : end(place, keyword, MENDS[keyword]);
  const name = named ?? { chars: Infinity, inner: Infinity, widest: WIDEST_CHARACTER, loose };
  return { most, name, value: valueOfOthers(schema, place), loose };
}

const MENDS = {
  additionalProperties: 'write `additionalProperties: false`',
  maxProperties: 'say how many members there may be',
  propertyNames: 'give the names a `maxLength`',
} as const;

function valueOfOthers({ additionalProperties = true, patternProperties }: JsonObject, place: Place): Shape {
  const inside = below(place, '*');
  const named = isJsonObject(patternProperties) ? Object.values(patternProperties) : [];
  const all = additionalProperties === false ? named : [additionalProperties, ...named];
  return joinAll(all.map((each) => shapeAt(each, inside)));
}

function end({ of, at }: Place, keyword: string, mend: string): LooseEnd {
  return { of, at, keyword, mend };
}
