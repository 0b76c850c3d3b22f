import { isArray, isObject, type Json, setMember } from './json.ts';

/** Decides about one element (`@`) of a document (`$`). */
export type Predicate = (current: Json, root: Json) => boolean;

/** One step of a JSONPath. */
export type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  | {
      readonly kind: 'slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly step: number;
    }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly test: Predicate }
  | { readonly kind: 'call'; readonly name: PathFunction };

/** A path is definite when it can name one place only; its answer is that value, every other's is a list. */
export function isDefinite(segments: readonly Segment[]): boolean {
  return segments.every(
    ({ kind }, index) =>
      kind === 'name' ||
      kind === 'index' ||
      kind === 'call' ||
      (kind === 'names' && index === segments.length - 1),
  );
}

/** All values that the segments lead to, in document order. `root` is what `$` means inside filters. */
export function follow(segments: readonly Segment[], start: Json, root: Json): readonly Json[] {
  let nodes: readonly Json[] = [start];
  let single = true;
  for (const [index, segment] of segments.entries()) {
    if (segment.kind === 'call') nodes = callOn(segment, single ? nodes[0] : nodes);
    else
      nodes = nodes.flatMap((node) =>
        childrenOf(node, segment, { root, last: index === segments.length - 1 }),
      );
    single &&= segment.kind === 'name' || segment.kind === 'index' || segment.kind === 'call';
  }
  return nodes;
}

function callOn(
  segment: Extract<Segment, { kind: 'call' }>,
  target: Json | readonly Json[] | undefined,
): readonly Json[] {
  const answer = target === undefined ? undefined : callPathFunction(segment.name, target);
  return answer === undefined ? [] : [answer];
}

function childrenOf(
  node: Json,
  segment: Exclude<Segment, { kind: 'call' }>,
  at: { root: Json; last: boolean },
): readonly Json[] {
  switch (segment.kind) {
    case 'name':
      return present(memberOf(node, segment.name));
    case 'names':
      return at.last
        ? pick(node, segment.names)
        : segment.names.flatMap((name) => present(memberOf(node, name)));
    case 'index':
      return present(elementOf(node, segment.index));
    case 'indices':
      return segment.indices.flatMap((index) => present(elementOf(node, index)));
    case 'slice':
      return isArray(node)
        ? node
            .slice(segment.from ?? 0, segment.to ?? node.length)
            .filter((_, index) => index % segment.step === 0)
        : [];
    case 'wildcard':
      return valuesOf(node);
    case 'descend':
      return withDescendants(node);
    case 'filter':
      return (isArray(node) ? node : [node]).filter((item) => segment.test(item, at.root));
    default:
      return segment satisfies never;
  }
}

/** The member of an object, or undefined. */
export function memberOf(node: Json | undefined, name: string): Json | undefined {
  return isObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
}

/** The element of an array, counted from its end where the index is negative, or undefined. */
export function elementOf(node: Json | undefined, index: number): Json | undefined {
  return isArray(node) ? node.at(index) : undefined;
}

const present = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : [value]);

const valuesOf = (node: Json): readonly Json[] =>
  isArray(node) ? node : isObject(node) ? Object.values(node) : [];

const withDescendants = (node: Json): readonly Json[] => [node, ...valuesOf(node).flatMap(withDescendants)];

function pick(node: Json, names: readonly string[]): readonly Json[] {
  if (!isObject(node)) return [];
  const picked: Record<string, Json> = {};
  for (const name of names) {
    const value = memberOf(node, name);
    if (value !== undefined) setMember(picked, name, value);
  }
  return [picked];
}

/**
 * Functions that may end a path, after the Jayway implementation that the service uses. Undefined: it has no
 * answer.
 */
const PATH_FUNCTIONS = {
  length: (value: Json) =>
    isArray(value) || typeof value === 'string'
      ? value.length
      : isObject(value)
        ? Object.keys(value).length
        : undefined,
  keys: (value: Json) => (isObject(value) ? Object.keys(value) : undefined),
  first: (value: Json) => (isArray(value) ? value[0] : undefined),
  last: (value: Json) => (isArray(value) ? value.at(-1) : undefined),
  min: (value: Json) => aggregate(value, (numbers) => Math.min(...numbers)),
  max: (value: Json) => aggregate(value, (numbers) => Math.max(...numbers)),
  sum: (value: Json) => aggregate(value, sumOf),
  avg: (value: Json) => aggregate(value, mean),
  stddev: (value: Json) =>
    aggregate(value, (numbers) => Math.sqrt(mean(numbers.map((n) => (n - mean(numbers)) ** 2)))),
} as const satisfies Record<string, (value: Json) => Json | undefined>;

/** The name of such a function. */
export type PathFunction = keyof typeof PATH_FUNCTIONS;

/** Tells whether a path may call `name`. */
export function isPathFunction(name: string): name is PathFunction {
  return Object.hasOwn(PATH_FUNCTIONS, name);
}

/** Applies a function to the one value it is called on. */
export function callPathFunction(name: PathFunction, value: Json): Json | undefined {
  return PATH_FUNCTIONS[name](value);
}

function aggregate(value: Json, over: (numbers: readonly number[]) => number): number | undefined {
  const numbers = isArray(value) ? value.filter((item) => typeof item === 'number') : [];
  return numbers.length > 0 ? over(numbers) : undefined;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const mean = (numbers: readonly number[]): number => sumOf(numbers) / numbers.length;
