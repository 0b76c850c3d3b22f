import type { AnswerModel, AnswerShape } from '@statebag/states';
import type { Shape } from './sdk-clients.ts';

/**
 * The parameters of a task as the SDK takes them. A task writes every member with a capital, as the SDK for
 * Java does; times are texts, and bytes are texts or any JSON.
 */
export function toSdk(value: unknown, shape: Shape): unknown {
  if (shape.isBlobSchema()) return typeof value === 'string' ? value : JSON.stringify(value);
  if (shape.isTimestampSchema()) return new Date(typeof value === 'number' ? value * 1000 : String(value));
  if (Array.isArray(value))
    return shape.isListSchema() ? value.map((item) => toSdk(item, shape.getValueSchema())) : value;
  if (!isMembers(value)) return value;
  if (shape.isMapSchema()) return mapped(value, (item) => toSdk(item, shape.getValueSchema()));
  if (!shape.isStructSchema()) return value;
  const members: Record<string, unknown> = {};
  for (const [name, inner] of shape.structIterator()) {
    const given = value[name] ?? value[capital(name)];
    if (given !== undefined && given !== null) members[name] = toSdk(given, inner);
  }
  return members;
}

/** The answer of the SDK as a task gets it. */
export async function fromSdk(value: unknown, shape: Shape): Promise<unknown> {
  if (value === undefined || value === null) return value;
  if (shape.isBlobSchema()) return textOf(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value))
    return Promise.all(
      value.map((item) => (shape.isListSchema() ? fromSdk(item, shape.getValueSchema()) : item)),
    );
  if (!isMembers(value)) return value;
  const members: Record<string, unknown> = {};
  if (shape.isMapSchema())
    for (const [name, item] of Object.entries(value))
      members[name] = await fromSdk(item, shape.getValueSchema());
  else if (shape.isStructSchema())
    for (const [name, inner] of shape.structIterator()) {
      if (value[name] !== undefined) members[capital(name)] = await fromSdk(value[name], inner);
    }
  else return value;
  return members;
}

/** The names of members that an API has not: a misspelt one would be lost in silence. */
export function unknownMembers(value: object, shape: Shape): readonly string[] {
  const known = new Set([...shape.structIterator()].flatMap(([name]) => [name, capital(name)]));
  return Object.keys(value).filter((name) => !known.has(name));
}

/** The members of an answer and what they are, as a task sees them. */
export function answerModelOf(shape: Shape): AnswerModel {
  const schema = shape.getSchema();
  const required = Array.isArray(schema) && typeof schema[6] === 'number' ? schema[6] : 0;
  const members = [...shape.structIterator()].map(
    ([name, inner]) => [capital(name), answerShapeOf(inner)] as const,
  );
  return {
    required: Object.fromEntries(members.slice(0, required)),
    optional: Object.fromEntries(members.slice(required)),
  };
}

function answerShapeOf(shape: Shape): AnswerShape {
  if (shape.isListSchema()) return 'array';
  if (shape.isMapSchema() || shape.isStructSchema()) return 'object';
  if (shape.isBlobSchema() || shape.isTimestampSchema()) return 'any';
  if (shape.isNumericSchema()) return 'number';
  if (shape.isBooleanSchema()) return 'boolean';
  return shape.isStringSchema() ? 'string' : 'any';
}

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null;

function mapped(value: Members, convert: (item: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item)]));
}

/** Bytes, or a stream of them, as text. */
async function textOf(value: unknown): Promise<unknown> {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (isMembers(value) && typeof value['transformToString'] === 'function')
    return value['transformToString']();
  return value;
}
