import type { Vector } from './vector.ts';

/** Members that the service adds about the transport; a vector does not ask for them. */
const TRANSPORT = new Set(['SdkHttpMetadata', 'SdkResponseMetadata']);

/**
 * The JSON pointer of the first difference, or undefined. What a pointer of `ignore` names has to exist; its
 * value does not matter.
 */
export function differenceAt(
  expected: unknown,
  actual: unknown,
  ignore: ReadonlySet<string>,
): string | undefined {
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

function listDifference(
  expected: readonly unknown[],
  actual: readonly unknown[],
  place: Place,
): string | undefined {
  if (expected.length !== actual.length) return place.pointer || '/';
  return firstOf(
    expected.map((item, index) => () => difference(item, actual[index], below(place, String(index)))),
  );
}

function objectDifference(expected: Members, actual: Members, place: Place): string | undefined {
  const wanted = Object.keys(expected).filter((key) => !TRANSPORT.has(key));
  const surplus = Object.keys(actual).find((key) => !TRANSPORT.has(key) && !Object.hasOwn(expected, key));
  if (surplus !== undefined) return below(place, surplus).pointer;
  return firstOf(
    wanted.map(
      (key) => () =>
        difference(expected[key], Object.hasOwn(actual, key) ? actual[key] : undefined, below(place, key)),
    ),
  );
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Minus zero is zero in JSON. */
const plain = (value: unknown): unknown => (value === 0 ? 0 : value);

const below = ({ pointer, ignore }: Place, key: string): Place => ({
  pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  ignore,
});

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The first event that is not as recorded, or undefined. Where branches run beside each other, another order can
 * be as right: then the events are compared as a whole.
 */
export function historyDifference(
  { events: recorded, events_order: order }: Pick<Vector, 'events' | 'events_order'>,
  found: readonly string[] | undefined,
): string | undefined {
  if (!recorded || !found) return undefined;
  const [expected, actual] =
    order === 'exact' || order === undefined
      ? [recorded, found]
      : [wholeOf(recorded, order), wholeOf(found, order)];
  const length = Math.max(expected.length, actual.length);
  const at = Array.from({ length }, (_, index) => index).find((index) => expected[index] !== actual[index]);
  if (at === undefined) return undefined;
  return `event ${at + 1} is ${actual[at] ?? 'missing'}, recorded ${expected[at] ?? 'none'}`;
}

/** Whoever sorted the events of branches lost the one that ended them. */
const LOST_IN_SORTING = new Set(['ParallelStateSucceeded', 'ParallelStateFailed']);

function wholeOf(events: readonly string[], order: 'concurrent' | 'sorted'): readonly string[] {
  return events.filter((type) => order !== 'sorted' || !LOST_IN_SORTING.has(type)).toSorted();
}
