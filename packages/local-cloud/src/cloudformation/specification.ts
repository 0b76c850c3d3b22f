import { readFileSync } from 'node:fs';
import { isMapping, type Mapping, type Plain } from './document.ts';
import type { ResourceType } from './resource-types.ts';

interface Property {
  readonly form: Form;
  readonly required?: boolean;
  readonly replaces?: 'yes' | 'maybe';
}
type Form =
  | string
  | { readonly list: Form }
  | { readonly map: Form }
  | { readonly of: string }
  | { readonly any: readonly Form[] };
type Members = Readonly<Record<string, Property>>;

interface Specification {
  readonly types: Readonly<
    Record<ResourceType, { readonly properties: Members; readonly attributes: readonly string[] }>
  >;
  readonly parts: Readonly<Record<string, Members>>;
}

let read: Specification | undefined;

/**
 * What CloudFormation knows of the types of resources, as `npm run generate` took it out of AWS's
 * specification.
 */
function specification(): Specification {
  // `npm run generate` wrote it
  read ??= JSON.parse(
    readFileSync(new URL('./generated/resources.json', import.meta.url), 'utf8'),
  ) as Specification;
  return read;
}

/** The first thing that is wrong with evaluated properties, in CloudFormation's words. */
export function propertyProblem(type: ResourceType, properties: Mapping): string | undefined {
  const members = specification().types[type].properties;
  const [unknown] = Object.keys(properties).filter((name) => !(name in members));
  if (unknown !== undefined) return `Encountered unsupported property ${unknown}`;
  return membersProblem(properties, members, '#');
}

/** Evaluated properties as their type has them: CloudFormation takes `"5"` for 5, `yes` for true and 5 for `"5"`. */
export function typedProperties(type: ResourceType, properties: Mapping): Mapping {
  return typedMembers(properties, specification().types[type].properties);
}

function typedMembers(value: Mapping, members: Members): Mapping {
  return mapped(value, (each, name) => typed(each, members[name]?.form ?? 'json'));
}

function typed(value: Plain, form: Form): Plain {
  if (typeof form === 'string') return typedScalar(value, form);
  if ('any' in form) return typed(value, form.any.find((each) => !formProblem(value, each, '')) ?? 'json');
  if ('list' in form)
    return Array.isArray(value) ? value.map((each: Plain) => typed(each, form.list)) : value;
  if (!isMapping(value)) return value;
  if ('map' in form) return mapped(value, (each) => typed(each, form.map));
  return typedMembers(value, specification().parts[form.of] ?? {});
}

function mapped(value: Mapping, one: (each: Plain, name: string) => Plain): Mapping {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, one(each, name)]));
}

function typedScalar(value: Plain, form: string): Plain {
  if (value === null || typeof value === 'object' || ANYTHING.includes(form)) return value;
  if (form === 'boolean') return YES.test(String(value));
  return form === 'number' || form === 'integer' ? Number(value) : String(value);
}

const YES = /^(true|yes|on)$/i;

/** Properties whose change replaces the resource. */
export function replacing(type: ResourceType, changed: readonly string[]): readonly string[] {
  return changed.filter((name) => specification().types[type].properties[name]?.replaces === 'yes');
}

export function hasAttribute(type: ResourceType, name: string): boolean {
  return specification().types[type].attributes.includes(name);
}

function membersProblem(value: Mapping, members: Members, path: string): string | undefined {
  const missing = Object.entries(members).find(
    ([name, { required }]) => required === true && !(name in value),
  );
  if (missing !== undefined)
    return `Model validation failed (${path}: required key [${missing[0]}] not found)`;
  return first(Object.entries(value), ([name, member]) => {
    const known = members[name];
    return known === undefined
      ? `Model validation failed (${path}: extraneous key [${name}] is not permitted)`
      : formProblem(member, known.form, `${path}/${name}`);
  });
}

/** What texts may stand for them: templates are YAML 1.1. */
const SCALARS: Readonly<Record<string, RegExp>> = {
  number: /^-?\d+(\.\d+)?$/,
  integer: /^-?\d+$/,
  boolean: /^(true|false|yes|no|on|off)$/i,
};
const ANYTHING = ['json', 'tag', 'null'];

function formProblem(value: Plain, form: Form, path: string): string | undefined {
  if (typeof form === 'string') return scalarProblem(value, form, path);
  if ('any' in form) {
    const problems = form.any.map((each) => formProblem(value, each, path));
    return problems.includes(undefined) ? undefined : problems[0];
  }
  if ('list' in form) {
    if (!Array.isArray(value)) return wrong(path, 'JSONArray', value);
    return first([...value.entries()], ([index, each]) => formProblem(each, form.list, `${path}/${index}`));
  }
  if (!isMapping(value)) return wrong(path, 'JSONObject', value);
  return 'map' in form
    ? first(Object.entries(value), ([name, each]) => formProblem(each, form.map, `${path}/${name}`))
    : membersProblem(value, specification().parts[form.of] ?? {}, path);
}

function scalarProblem(value: Plain, form: string, path: string): string | undefined {
  if (ANYTHING.includes(form)) return undefined;
  if (typeof value === 'object') return wrong(path, form, value);
  return SCALARS[form]?.test(String(value)) === false ? wrong(path, form, value) : undefined;
}

function wrong(path: string, expected: string, found: Plain): string {
  const kind = Array.isArray(found) ? 'JSONArray' : isMapping(found) ? 'JSONObject' : JSON.stringify(found);
  return `Model validation failed (${path}: expected type: ${expected}, found: ${kind})`;
}

function first<Item>(
  items: readonly Item[],
  problem: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = problem(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
