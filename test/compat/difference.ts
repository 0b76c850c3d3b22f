import { isJsonObject, type Json } from '@statebag/contracts';

/**
 * Where a value has not what is expected of it; null where it has all of it. Objects may hold more, lists may
 * not.
 */
export function difference(expected: Json, found: Json | undefined, at = '$'): string | null {
  if (isJsonObject(expected)) {
    if (!isJsonObject(found)) return `${at} is ${textOf(found)}, not an object`;
    return first(
      Object.entries(expected).map(
        ([key, value]) =>
          () =>
            difference(value, Object.hasOwn(found, key) ? found[key] : undefined, `${at}.${key}`),
      ),
    );
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found) || found.length !== expected.length)
      return `${at} is ${textOf(found)}, not a list of ${expected.length}`;
    return first(expected.map((value, index) => () => difference(value, found[index], `${at}[${index}]`)));
  }
  return expected === found ? null : `${at} is ${textOf(found)}, not ${textOf(expected)}`;
}

function first(looks: readonly (() => string | null)[]): string | null {
  for (const look of looks) {
    const problem = look();
    if (problem !== null) return problem;
  }
  return null;
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 200);
}
