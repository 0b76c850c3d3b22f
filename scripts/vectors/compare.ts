/** Members that the service adds about the transport; a vector does not ask for them. */
const TRANSPORT = new Set(['SdkHttpMetadata', 'SdkResponseMetadata']);

/** The JSON pointer of the first difference, or undefined. What a pointer of `ignore` names has to exist; its value does not matter. */
export function differenceAt(expected: unknown, actual: unknown, ignore: ReadonlySet<string>): string | undefined {
  return difference(expected, actual, { pointer: '', ignore });
}

interface Place {
  readonly pointer: string;
  readonly ignore: ReadonlySet<string>;
}

function difference(expected: unknown, actual: unknown, place: Place): string | undefined {
  if (actual === undefined) return place.pointer || '/';
  if (place.ignore.has(place.pointer)) return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) return listDifference(expected, actual, place);
  if (isObject(expected) && isObject(actual)) return objectDifference(expected, actual, place);
  return plain(expected) === plain(actual) ? undefined : place.pointer || '/';
}

function listDifference(expected: readonly unknown[], actual: readonly unknown[], place: Place): string | undefined {
  if (expected.length !== actual.length) return place.pointer || '/';
  return firstOf(expected.map((item, index) => () => difference(item, actual[index], below(place, String(index)))));
}

function objectDifference(expected: Members, actual: Members, place: Place): string | undefined {
  const wanted = Object.keys(expected).filter((key) => !TRANSPORT.has(key));
  const surplus = Object.keys(actual).find((key) => !TRANSPORT.has(key) && !Object.hasOwn(expected, key));
  if (surplus !== undefined) return below(place, surplus).pointer;
  return firstOf(wanted.map((key) => () => difference(expected[key], Object.hasOwn(actual, key) ? actual[key] : undefined, below(place, key))));
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Minus zero is zero in JSON. */
const plain = (value: unknown): unknown => (value === 0 ? 0 : value);

const below = ({ pointer, ignore }: Place, key: string): Place => ({ pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, ignore });

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}
