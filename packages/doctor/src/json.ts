import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/** UTF-8 bytes of the JSON text of a value. */
export const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

/** A member of foreign JSON that should be an object; anything else counts as an empty one. */
export const objectAt = (holder: JsonObject, name: string): JsonObject => {
  const value = holder[name];
  return isJsonObject(value) ? value : {};
};

/** The objects in a member of foreign JSON that should be a list. */
export function objectsAt(holder: JsonObject, name: string): readonly JsonObject[] {
  const value = holder[name];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The texts in a member of foreign JSON that should be a list of them. */
export function textsAt(holder: JsonObject, name: string): readonly string[] {
  const value = holder[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function textAt(holder: JsonObject, name: string): string | undefined {
  const value = holder[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(holder: JsonObject, name: string): number | undefined {
  const value = holder[name];
  return typeof value === 'number' ? value : undefined;
}

/** Every text in a value, however deep. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** A part of a value and what it takes, by its path; parts of one path in several elements count together. */
export interface WeighedPath {
  readonly path: string;
  readonly bytes: number;
  /** How many values have this path. */
  readonly values: number;
}

/** The paths whose own values take most. Parts do not overlap: text and numbers count where they stand. */
export function largestPaths(value: Json, most = 5): readonly WeighedPath[] {
  const weights = new Map<string, { bytes: number; values: number }>();
  weigh(value, '$', weights);
  return [...weights]
    .map(([path, weight]) => ({ path, ...weight }))
    .sort((left, right) => right.bytes - left.bytes || (left.path < right.path ? -1 : 1))
    .slice(0, most);
}

function weigh(value: Json, path: string, weights: Map<string, { bytes: number; values: number }>): void {
  if (Array.isArray(value)) for (const each of value) weigh(each, `${path}[*]`, weights);
  else if (isJsonObject(value))
    for (const [name, each] of Object.entries(value)) weigh(each, memberPath(path, name), weights);
  else {
    const weight = weights.get(path) ?? { bytes: 0, values: 0 };
    weights.set(path, { bytes: weight.bytes + bytesOf(value), values: weight.values + 1 });
  }
}

export const memberPath = (path: string, name: string): string =>
  /^[A-Za-z_][\w-]*$/.test(name) ? `${path}.${name}` : `${path}['${name}']`;

/**
 * The members that a reference path leads through; undefined where it is none (filters, wildcards,
 * functions).
 */
export function stepsOf(path: string): readonly string[] | undefined {
  if (!path.startsWith('$') || path.startsWith('$$')) return undefined;
  const steps: string[] = [];
  let rest = path.slice(1);
  while (rest !== '') {
    const [step, plain, quoted, index] =
      /^(?:\.([\p{L}_][\p{L}\p{N}_-]*)|\['([^']*)'\]|\[(\d+)\])/u.exec(rest) ?? [];
    if (step === undefined) return undefined;
    steps.push(plain ?? quoted ?? index ?? '');
    rest = rest.slice(step.length);
  }
  return steps;
}

/** What stands at the end of the steps; undefined where nothing does. */
export function valueAt(value: Json, steps: readonly string[]): Json | undefined {
  const [step, ...onward] = steps;
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return valueAt(Object(value)[step], onward);
}

/** The value with something else at the end of the steps; objects on the way are made. */
export function withValueAt(value: Json, steps: readonly string[], put: Json): Json {
  const [step, ...onward] = steps;
  if (step === undefined) return put;
  const before = isJsonObject(value) ? value : {};
  return { ...before, [step]: withValueAt(before[step] ?? {}, onward, put) };
}
