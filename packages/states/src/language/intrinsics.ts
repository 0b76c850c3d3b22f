import { createHash, randomUUID } from 'node:crypto';
import { deepEqual, isArray, isObject, type Json, type JsonObject, parseJson } from './json.ts';
import { IntrinsicError } from './states-error.ts';

type Arguments = readonly Json[];

interface Intrinsic {
  /** How many arguments it takes. */
  readonly arity: readonly [least: number, most: number];
  call(args: Arguments): Json;
}

const LONGEST_TEXT = 10_000;
const LONGEST_RANGE = 1_000;
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The intrinsic functions of the language, by name. */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { arity: [0, Number.POSITIVE_INFINITY], call: (args) => args },
  'States.ArrayPartition': {
    arity: [2, 2],
    call: ([list, size]) => partition(arrayOf(list), integerOf(size)),
  },
  'States.ArrayContains': {
    arity: [2, 2],
    call: ([list, item]) => arrayOf(list).some((other) => deepEqual(other, item ?? null)),
  },
  'States.ArrayRange': {
    arity: [3, 3],
    call: ([from, to, step]) => range(integerOf(from), integerOf(to), integerOf(step)),
  },
  'States.ArrayGetItem': { arity: [2, 2], call: ([list, index]) => itemAt(arrayOf(list), integerOf(index)) },
  'States.ArrayLength': { arity: [1, 1], call: ([list]) => arrayOf(list).length },
  'States.ArrayUnique': { arity: [1, 1], call: ([list]) => unique(arrayOf(list)) },
  'States.Base64Encode': {
    arity: [1, 1],
    call: ([text]) => Buffer.from(boundedText(text)).toString('base64'),
  },
  'States.Base64Decode': { arity: [1, 1], call: ([text]) => decodeBase64(boundedText(text)) },
  'States.Hash': { arity: [2, 2], call: ([value, algorithm]) => hash(value ?? null, textOf(algorithm)) },
  'States.JsonMerge': {
    arity: [3, 3],
    call: ([left, right, deep]) => merge(objectOf(left), objectOf(right), deep),
  },
  'States.MathRandom': {
    arity: [2, 3],
    call: ([from, to, seed]) => randomBetween(integerOf(from), integerOf(to), seed),
  },
  'States.MathAdd': { arity: [2, 2], call: ([left, right]) => integerOf(left) + integerOf(right) },
  'States.StringSplit': {
    arity: [2, 2],
    call: ([text, separators]) => split(textOf(text), textOf(separators)),
  },
  'States.UUID': { arity: [0, 0], call: () => randomUUID() },
  'States.Format': {
    arity: [1, Number.POSITIVE_INFINITY],
    call: ([template, ...values]) => formatText(textOf(template), values),
  },
  'States.StringToJson': { arity: [1, 1], call: ([text]) => readJson(textOf(text)) },
  'States.JsonToString': { arity: [1, 1], call: ([value]) => JSON.stringify(value) },
};

const show = (value: Json | undefined): string => JSON.stringify(value ?? null);

function arrayOf(value: Json | undefined): readonly Json[] {
  if (isArray(value)) return value;
  throw new IntrinsicError(`expected an array but got ${show(value)}`);
}

function objectOf(value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  throw new IntrinsicError(`expected an object but got ${show(value)}`);
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new IntrinsicError(`expected a string but got ${show(value)}`);
}

function boundedText(value: Json | undefined): string {
  const text = textOf(value);
  if (text.length > LONGEST_TEXT)
    throw new IntrinsicError(`the string has ${text.length} characters; at most ${LONGEST_TEXT} are allowed`);
  return text;
}

/** Rounds half up, as the service does before it counts with a number. */
function integerOf(value: Json | undefined): number {
  if (typeof value === 'number') return Math.round(value) + 0;
  throw new IntrinsicError(`expected a number but got ${show(value)}`);
}

function partition(list: readonly Json[], size: number): Json {
  if (size < 1) throw new IntrinsicError(`the chunk size has to be positive but is ${size}`);
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

function range(from: number, to: number, step: number): Json {
  if (step === 0) throw new IntrinsicError('the step of a range cannot be zero');
  const length = Math.max(0, Math.floor((to - from) / step) + 1);
  if (length > LONGEST_RANGE)
    throw new IntrinsicError(`the range has ${length} elements; at most ${LONGEST_RANGE} are allowed`);
  return Array.from({ length }, (_, index) => from + index * step);
}

function itemAt(list: readonly Json[], index: number): Json {
  const item = index < 0 ? undefined : list[index];
  if (item === undefined)
    throw new IntrinsicError(`there is no element ${index} in an array of ${list.length}`);
  return item;
}

function unique(list: readonly Json[]): Json {
  const seen: Json[] = [];
  for (const item of list) if (!seen.some((other) => deepEqual(other, item))) seen.push(item);
  return seen;
}

function decodeBase64(text: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 === 1)
    throw new IntrinsicError('the string is not Base64');
  return Buffer.from(text, 'base64').toString();
}

function hash(value: Json, algorithm: string): string {
  const name = HASHES[algorithm];
  if (name === undefined)
    throw new IntrinsicError(
      `unknown hash algorithm '${algorithm}'; known are ${Object.keys(HASHES).join(', ')}`,
    );
  return createHash(name)
    .update(boundedText(typeof value === 'string' ? value : JSON.stringify(value)))
    .digest('hex');
}

function merge(left: JsonObject, right: JsonObject, deep: Json | undefined): Json {
  if (deep !== false)
    throw new IntrinsicError('only a shallow merge is supported: the third argument has to be false');
  return { ...left, ...right };
}

function randomBetween(from: number, to: number, seed: Json | undefined): number {
  if (to <= from) throw new IntrinsicError(`the end ${to} has to be greater than the start ${from}`);
  return from + Math.floor((seed === undefined ? Math.random() : seeded(integerOf(seed))) * (to - from));
}

/** One number of [0, 1) that depends on the seed alone. */
function seeded(seed: number): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE() / 2 ** 32;
}

/** The separators are a set of characters; empty parts are dropped. */
function split(text: string, separators: string): Json {
  if (separators === '') return [text];
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (!separators.includes(character)) part += character;
    else if (part !== '') {
      parts.push(part);
      part = '';
    }
  }
  return part === '' ? parts : [...parts, part];
}

function readJson(text: string): Json {
  if (text.trim() === '') return null;
  try {
    return parseJson(text);
  } catch (error) {
    throw new IntrinsicError(`the string is not JSON: ${text}`, { cause: error });
  }
}

/** Puts the values into the `{}` of the template. A backslash makes a brace stand for itself. */
export function formatText(template: string, values: readonly Json[]): string {
  let used = 0;
  const text = template.replace(
    /\\([{}\\'])|\{\}/g,
    (_, escaped: string | undefined) => escaped ?? shown(values[used++]),
  );
  if (used !== values.length)
    throw new IntrinsicError(`the template has ${used} places for ${values.length} values`);
  return text;
}

/** Text as it is, objects and lists the way Java prints its maps and lists. */
function shown(value: Json | undefined): string {
  if (isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${shown(member)}`)
      .join(', ')}}`;
  return String(value ?? null);
}
