import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { EXPRESSION_LIMITS } from './expression-limits.ts';

/**
 * The value as plain JSON with sorted keys: what a node wrote reads the same whether it went through the
 * store or not.
 * @throws `Expression.LimitExceeded` for a result too large or too deep, `Expression.Failed` for one that is
 * not JSON.
 */
export function toJson(value: unknown): Json {
  return measuredJson(value).value;
}

/** The same, and what it takes in UTF-16 units. */
export function measuredJson(value: unknown): { readonly value: Json; readonly units: number } {
  const size = { left: EXPRESSION_LIMITS.resultSize };
  const copied = copy(value, { depth: 0, size });
  return { value: copied, units: EXPRESSION_LIMITS.resultSize - size.left };
}

interface Room {
  readonly depth: number;
  readonly size: { left: number };
}

function copy(value: unknown, room: Room): Json {
  spend(room, 1);
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return copyText(value, room);
  if (typeof value === 'number') return copyNumber(value);
  const below = { ...room, depth: room.depth + 1 };
  if (below.depth > EXPRESSION_LIMITS.resultDepth)
    throw tooMuch(`is nested deeper than ${EXPRESSION_LIMITS.resultDepth}`);
  if (Array.isArray(value)) return value.map((member) => copy(member, below));
  if (isJsonObject(value) && isPlain(value)) return copyObject(value, below);
  throw new StatebagError(
    'Expression.Failed',
    `the result holds ${typeof value === 'function' ? 'a function' : `something that is not JSON (${typeof value})`}`,
  );
}

function copyObject(value: object, room: Room): Json {
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [copyText(key, room), copy(member, room)]));
}

function copyText(text: string, room: Room): string {
  spend(room, text.length);
  if (!text.isWellFormed())
    throw new StatebagError('Expression.Failed', 'the result holds half of a surrogate pair');
  return text;
}

function copyNumber(value: number): number {
  if (Number.isFinite(value)) return Object.is(value, -0) ? 0 : value;
  throw new StatebagError('Expression.Failed', `the result holds ${value}, which is not JSON`);
}

/** A plain object of any realm: its prototype, if it has one, is the end of the chain. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === null || Object.getPrototypeOf(prototype) === null) &&
    !('_jsonata_function' in value) &&
    !('_jsonata_lambda' in value)
  );
}

function spend(room: Room, units: number): void {
  room.size.left -= units;
  if (room.size.left < 0) throw tooMuch(`is larger than ${EXPRESSION_LIMITS.resultSize} characters`);
}

function tooMuch(reason: string): StatebagError {
  return new StatebagError('Expression.LimitExceeded', `the result ${reason}`);
}
