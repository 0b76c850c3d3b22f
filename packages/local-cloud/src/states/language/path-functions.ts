import { isArray, isObject, type Json } from './json.ts';

/** Functions that may end a path, after the Jayway implementation that the service uses. Undefined: it has no answer. */
const PATH_FUNCTIONS = {
  length: (value: Json) => (isArray(value) || typeof value === 'string' ? value.length : isObject(value) ? Object.keys(value).length : undefined),
  keys: (value: Json) => (isObject(value) ? Object.keys(value) : undefined),
  first: (value: Json) => (isArray(value) ? value[0] : undefined),
  last: (value: Json) => (isArray(value) ? value.at(-1) : undefined),
  min: (value: Json) => aggregate(value, (numbers) => Math.min(...numbers)),
  max: (value: Json) => aggregate(value, (numbers) => Math.max(...numbers)),
  sum: (value: Json) => aggregate(value, sumOf),
  avg: (value: Json) => aggregate(value, mean),
  stddev: (value: Json) => aggregate(value, (numbers) => Math.sqrt(mean(numbers.map((n) => (n - mean(numbers)) ** 2)))),
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
