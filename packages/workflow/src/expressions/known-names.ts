import { SECRET_VARIABLE } from './name-secrets.ts';
import { nearestName } from './nearest-name.ts';

/** The functions of JSONata itself; a test compares them with the library. `$eval` is refused. */
export const LIBRARY_FUNCTIONS: readonly string[] = [
  ...['sum', 'count', 'max', 'min', 'average', 'string', 'substring', 'substringBefore', 'substringAfter'],
  ...['lowercase', 'uppercase', 'length', 'trim', 'pad', 'match', 'contains', 'replace', 'split', 'join'],
  ...['formatNumber', 'formatBase', 'formatInteger', 'parseInteger', 'number', 'floor', 'ceil', 'round'],
  ...['abs', 'sqrt', 'power', 'random', 'boolean', 'not', 'map', 'zip', 'filter', 'single', 'reduce'],
  ...['sift', 'keys', 'lookup', 'append', 'exists', 'spread', 'merge', 'reverse', 'each', 'error', 'assert'],
  ...['type', 'sort', 'shuffle', 'distinct', 'base64encode', 'base64decode', 'encodeUrlComponent'],
  ...['encodeUrl', 'decodeUrlComponent', 'decodeUrl', 'eval', 'toMillis', 'fromMillis', 'clone', 'now'],
  ...['millis'],
];

/** Functions that come with every evaluation besides those of the library. */
export const OWN_FUNCTIONS: readonly string[] = ['partition', 'range', 'hash', 'parse', 'uuid'];

/** Variables that a node around may set. */
export const SURROUNDING_VARIABLES: readonly string[] = ['item', 'index'];

const FUNCTIONS: ReadonlySet<string> = new Set([...LIBRARY_FUNCTIONS, ...OWN_FUNCTIONS]);
/** `$` is the value that is looked at, `$$` the state. */
const VARIABLES: ReadonlySet<string> = new Set(['', '$', ...SURROUNDING_VARIABLES]);

export function isKnownFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

export function isKnownName(name: string): boolean {
  return FUNCTIONS.has(name) || VARIABLES.has(name) || name.startsWith(SECRET_VARIABLE);
}

/** What to write instead of a function that there is not. */
export function mendOfFunction(name: string): string {
  const nearest = nearestName(name, FUNCTIONS) ?? nearestName(name.replace(/(?:case|Case)$/, ''), FUNCTIONS);
  return nearest === undefined
    ? 'use a function of docs.jsonata.org, or one that docs/workflow-format.md adds'
    : `did you mean $${nearest}?`;
}
