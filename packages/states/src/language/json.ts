/** A JSON value. Values are immutable by convention: whoever changes one builds a new one. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells objects from arrays and null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells arrays, which `Array.isArray` alone does not narrow when they are readonly. */
export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Parses JSON text. */
export function parseJson(text: string): Json {
  return JSON.parse(text) as Json; // parse boundary: JSON text holds JSON
}

/** Sets an own member, also one that is called `__proto__`. */
export function setMember(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** Equality by value; members in any order. */
export function deepEqual(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (isArray(left))
    return (
      isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => deepEqual(item, right[index] ?? null))
    );
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && deepEqual(left[key] ?? null, right[key] ?? null))
  );
}
