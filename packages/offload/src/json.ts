/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** UTF-8 bytes of the text that `JSON.stringify` gives. */
export function byteSize(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Sets a member also where its name is `__proto__`, which an assignment would take for the prototype. */
export function setMember(target: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * The bytes of a value and of everything in it, measured in one pass: asking for a part costs nothing
 * more, however
 * deep it lies.
 */
export function measured(root: Json): (part: Json) => number {
  const sizes = new Map<Json, number>();
  const sizeOf = (value: Json): number => {
    if (typeof value !== 'object' || value === null) return byteSize(value);
    const known =
      sizes.get(value) ??
      (Array.isArray(value) ? listSize(value, sizeOf) : objectSize(value as JsonObject, sizeOf)); // no list
    sizes.set(value, known);
    return known;
  };
  sizeOf(root);
  return sizeOf;
}

/** Brackets, and a comma between two elements. */
function listSize(list: readonly Json[], sizeOf: (value: Json) => number): number {
  return list.reduce<number>((sum, each) => sum + sizeOf(each), 2 + Math.max(0, list.length - 1));
}

function objectSize(value: JsonObject, sizeOf: (value: Json) => number): number {
  const members = Object.entries(value);
  return members.reduce(
    (sum, [name, each]) => sum + byteSize(name) + 1 + sizeOf(each),
    2 + Math.max(0, members.length - 1),
  );
}
