import { createHash } from 'node:crypto';
import { type ByteSize, bytes, type Json, type Sha256, StatebagError } from '@statebag/contracts';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';

/**
 * The one text of a value: keys in code-unit order, no white space, numbers as ECMAScript writes them (and -0
 * as `-0`, so nothing is lost).
 * @throws `Json.NotRepresentable` naming the place of what JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  return write(value, []);
}

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export function sha256Of(text: string | Uint8Array): Sha256 {
  return createHash('sha256').update(text).digest('hex') as Sha256; // the digest is where a hash comes from
}

/** UTF-8 bytes a value takes on the wire, as `JSON.stringify` writes it. */
export function byteSizeOf(value: Json): ByteSize {
  return bytes(Buffer.byteLength(JSON.stringify(value)));
}

function write(value: unknown, path: string[]): string {
  switch (typeof value) {
    case 'string':
      return quoted(value, path);
    case 'number':
      return numeral(value, path);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : structure(value, path);
    default:
      return refuse(`a ${typeof value}`, path);
  }
}

function quoted(text: string, path: string[]): string {
  return text.isWellFormed() ? JSON.stringify(text) : refuse('a lone surrogate', path);
}

function numeral(number: number, path: string[]): string {
  if (!Number.isFinite(number)) return refuse(String(number), path);
  return Object.is(number, -0) ? '-0' : String(number);
}

function structure(value: object, path: string[]): string {
  if (path.length >= WORKFLOW_LIMITS.jsonDepth)
    return refuse(`nesting over ${WORKFLOW_LIMITS.jsonDepth} levels (or a cycle)`, path);
  if (Array.isArray(value)) return list(value, path);
  // a plain object has string keys
  return isPlain(value)
    ? object(value as Record<string, unknown>, path)
    : refuse(`a ${value.constructor?.name ?? 'foreign object'}`, path);
}

function list(members: readonly unknown[], path: string[]): string {
  let text = '[';
  for (let index = 0; index < members.length; index += 1) {
    path.push(String(index));
    text += (index === 0 ? '' : ',') + write(members[index], path);
    path.pop();
  }
  return `${text}]`;
}

function object(value: Record<string, unknown>, path: string[]): string {
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    path.push(key);
    text += `${text === '' ? '' : ','}${quoted(key, path)}:${write(member, path)}`;
    path.pop();
  }
  return `{${text}}`;
}

/** Plain in any realm: its prototype, if it has one, is the end of the chain. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(what: string, path: readonly string[]): never {
  throw new StatebagError(
    'Json.NotRepresentable',
    `${what} at ${path.length === 0 ? 'the root' : `/${path.slice(0, 20).join('/')}`} cannot be written as JSON`,
  );
}
