import { isJsonObject, type Json } from '@statebag/contracts';

/** Where two values part first, in the order of the keys, and what each has there. */
export interface Parting {
  /** `$.state.letter`, as in JSONPath. */
  readonly path: string;
  /** Undefined where there is nothing. */
  readonly recorded: Json | undefined;
  readonly replayed: Json | undefined;
}

export function firstDifference(
  recorded: Json | undefined,
  replayed: Json | undefined,
  path = '$',
): Parting | null {
  if (Array.isArray(recorded) && Array.isArray(replayed)) {
    const length = Math.max(recorded.length, replayed.length);
    return firstOf(length, (at) => firstDifference(recorded[at], replayed[at], `${path}[${at}]`));
  }
  if (isJsonObject(recorded) && isJsonObject(replayed)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort();
    return firstOf(keys.length, (at) => {
      const key = keys[at] ?? '';
      return firstDifference(own(recorded, key), own(replayed, key), pathTo(path, key));
    });
  }
  return Object.is(recorded, replayed) || recorded === replayed ? null : { path, recorded, replayed };
}

function firstOf(length: number, look: (at: number) => Parting | null): Parting | null {
  for (let at = 0; at < length; at += 1) {
    const found = look(at);
    if (found) return found;
  }
  return null;
}

function own(value: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function pathTo(path: string, key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}
