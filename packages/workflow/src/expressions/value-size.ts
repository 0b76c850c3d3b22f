import { isJsonObject, StatebagError } from '@statebag/contracts';

const CHARACTERS_PER_UNIT = 8;
/**
 * Of what was measured before. Values are not changed once an expression has met them, so they need not be
 * gone through again; a structure that holds one part many times is measured in the time of its parts.
 */
const known = new WeakMap<object, number>();

/**
 * Members of a value, with one for eight characters of text, shared parts counted each time they are met.
 * @throws `Expression.LimitExceeded` beyond `most`
 */
export function valueSize(value: unknown, most: number): number {
  const size = sizeOf(value, most);
  if (size > most) throw tooLarge(most);
  return size;
}

function sizeOf(value: unknown, most: number): number {
  if (typeof value === 'string') return sizeOfText(value);
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  if (isMachinery(value)) return 1;
  const size = Array.isArray(value) ? sizeOfList(value, most) : sizeOfObject(value, most);
  known.set(value, size);
  return size;
}

function sizeOfText(text: string): number {
  return 1 + Math.floor(text.length / CHARACTERS_PER_UNIT);
}

function sizeOfList(list: readonly unknown[], most: number): number {
  let size = 1;
  for (let index = 0; index < list.length && size <= most; index += 1) size += sizeOf(list[index], most);
  return within(size, most);
}

function sizeOfObject(value: object, most: number): number {
  if (!isJsonObject(value)) return 1;
  let size = 1;
  for (const key in value) {
    if (size > most) break;
    size += sizeOfText(key) + sizeOf(value[key], most);
  }
  return within(size, most);
}

/** What is too large is not remembered as a part of its size. */
function within(size: number, most: number): number {
  if (size > most) throw tooLarge(most);
  return size;
}

/** Functions of the expression and its tuples: they hold what surrounds them, and none becomes a result. */
function isMachinery(value: object): boolean {
  if (Array.isArray(value)) return 'tupleStream' in value;
  return (
    typeof Reflect.get(value, 'apply') === 'function' ||
    typeof Reflect.get(value, 'implementation') === 'function'
  );
}

function tooLarge(most: number): StatebagError {
  return new StatebagError('Expression.LimitExceeded', `it met a value of more than ${most} members`);
}
