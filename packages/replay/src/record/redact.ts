import { isJsonObject, type Json } from '@statebag/contracts';

/** Schemas of what is redacted, by where it stands. */
export interface Sensitive {
  readonly where: string;
  readonly value: Json;
  readonly schemas: readonly Json[];
}

export interface Redaction {
  /** The same value with another one in the place of everything that is sensitive, wherever that is repeated. */
  readonly over: <Value extends Json>(value: Value, where: string) => Value;
  /** Places of what was replaced. */
  readonly replaced: readonly string[];
}

/** Shorter texts are replaced where they are words; one character stands everywhere. */
const ANYWHERE = 4;
const AS_WORD = 2;

/**
 * Finds everything that a schema calls `x-sensitive`, and what `isSecret` says of texts, and replaces it: equal values by
 * equal ones, texts by texts of the same length, so that what is compared and measured stays comparable.
 */
export function redaction(found: readonly Sensitive[], isSecret: (text: string) => boolean): Redaction {
  const texts = new Map<string, string>();
  const numbers = new Map<number, number>();
  const replaced = new Set<string>();
  const learn = (value: Json, where: string): void => {
    if (typeof value === 'string' && value !== '')
      texts.set(value, texts.get(value) ?? standIn(value, texts.size + 1));
    if (typeof value === 'number') numbers.set(value, numbers.get(value) ?? numbers.size + 1);
    if (Array.isArray(value)) for (const [index, each] of value.entries()) learn(each, `${where}[${index}]`);
    if (isJsonObject(value)) for (const [key, each] of Object.entries(value)) learn(each, `${where}.${key}`);
    if (typeof value !== 'object') replaced.add(where);
  };
  for (const { where, value, schemas } of found)
    for (const schema of schemas)
      for (const place of sensitiveIn(value, schema, where)) learn(place.value, place.where);
  const own = new Set([...replaced]);
  const text = (value: string, where: string): string => {
    if (!texts.has(value) && isSecret(value)) learn(value, where);
    let made = texts.get(value) ?? value;
    // the longest first: a part of a sensitive text may be sensitive, too
    for (const [old, other] of [...texts].toSorted(([left], [right]) => right.length - left.length))
      made = replacedIn(made, old, other);
    if (made !== value) replaced.add(where);
    return made;
  };
  const over = (value: Json, where: string): Json => {
    if (typeof value === 'string') return text(value, where);
    if (typeof value === 'number') return own.has(where) ? (numbers.get(value) ?? value) : value;
    if (Array.isArray(value)) return value.map((each, index) => over(each, `${where}[${index}]`));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [texts.get(key) ?? key, over(each, `${where}.${key}`)]),
    );
  };
  return {
    over: <Value extends Json>(value: Value, where: string) => over(value, where) as Value, // of the same form
    get replaced() {
      return [...replaced].sort();
    },
  };
}

function replacedIn(text: string, old: string, other: string): string {
  if (old.length >= ANYWHERE) return text.replaceAll(old, other);
  if (old.length < AS_WORD) return text;
  const words = text.split(/(?<![\p{L}\p{N}])(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}])(?![\p{L}\p{N}])/u);
  return words.map((word) => (word === old ? other : word)).join('');
}

/** A text of the same length that says which of the replaced texts it stands for. */
function standIn(text: string, number: number): string {
  const name = `redacted-${number}`;
  return text.length >= name.length
    ? name + '-'.repeat(text.length - name.length)
    : `${'r'.repeat(text.length)}${number}`.slice(-text.length);
}

interface Place {
  readonly where: string;
  readonly value: Json;
}

/** Parts of a value that its schema calls sensitive. */
function sensitiveIn(value: Json, schema: Json, where: string): Place[] {
  if (!isJsonObject(schema)) return [];
  if (schema['x-sensitive'] === true) return [{ where, value }];
  const all = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => listOf(schema[key]));
  const same = all.flatMap((each) => sensitiveIn(value, each, where));
  if (Array.isArray(value))
    return [
      ...same,
      ...value.flatMap((each, index) => sensitiveIn(each, schema['items'] ?? null, `${where}[${index}]`)),
    ];
  if (!isJsonObject(value)) return same;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const parts = Object.entries(value).flatMap(([key, each]) =>
    sensitiveIn(each, properties[key] ?? schema['additionalProperties'] ?? null, `${where}.${key}`),
  );
  return [...same, ...parts];
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
