import { isIP } from 'node:net';

/** What one leaf of an EventBridge pattern may ask of a value. */
type Matcher = (value: unknown, operand: unknown) => boolean;

/** EventBridge's content filters by the key that names them. */
const FILTERS: Readonly<Record<string, Matcher>> = {
  prefix: (value, operand) => textMatches(value, operand, (text, part) => text.startsWith(part)),
  suffix: (value, operand) => textMatches(value, operand, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && value.toLowerCase() === operand.toLowerCase(),
  wildcard: (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && wildcard(operand).test(value),
  numeric: (value, operand) => typeof value === 'number' && Array.isArray(operand) && numeric(value, operand),
  'anything-but': (value, operand) =>
    value !== undefined && !anyOf(operand).some((each) => matchesLeaf(value, each)),
  cidr: (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && inCidr(value, operand),
};

/**
 * True when an event has everything a pattern asks for: every field of it, and of each field any one of its
 * alternatives.
 */
export function matchesPattern(event: unknown, pattern: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([name, expected]) => {
    if (name === '$or')
      return (
        Array.isArray(expected) && expected.some((each) => isObject(each) && matchesPattern(event, each))
      );
    const value = isObject(event) ? event[name] : undefined;
    if (isObject(expected))
      return Array.isArray(value)
        ? value.some((each) => matchesPattern(each, expected))
        : matchesPattern(value, expected);
    return Array.isArray(expected) && expected.some((alternative) => matchesAlternative(value, alternative));
  });
}

/** Names a pattern that could never be evaluated; undefined for a good one. */
export function patternMistake(pattern: unknown, path = 'pattern'): string | undefined {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) return `${path} is not an object with fields`;
  for (const [name, expected] of Object.entries(pattern)) {
    const mistake = fieldMistake(expected, `${path}.${name}`);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function fieldMistake(expected: unknown, path: string): string | undefined {
  if (isObject(expected)) return patternMistake(expected, path);
  if (!Array.isArray(expected)) return `${path} is neither a list nor an object`;
  if (path.endsWith('.$or'))
    return expected
      .map((each, index) => patternMistake(each, `${path}[${index}]`))
      .find((mistake) => mistake !== undefined);
  const filter = expected
    .filter(isObject)
    .flatMap((each) => Object.keys(each))
    .find((name) => name !== 'exists' && !Object.hasOwn(FILTERS, name));
  return filter === undefined ? undefined : `${path} uses the unknown filter ${filter}`;
}

/** A list in the event matches when any of its members does. */
function matchesAlternative(value: unknown, alternative: unknown): boolean {
  if (isObject(alternative) && 'exists' in alternative)
    return (value !== undefined && !isObject(value)) === alternative['exists'];
  return Array.isArray(value)
    ? value.some((each) => matchesLeaf(each, alternative))
    : matchesLeaf(value, alternative);
}

function matchesLeaf(value: unknown, alternative: unknown): boolean {
  if (!isObject(alternative)) return value === alternative;
  return Object.entries(alternative).every(([name, operand]) => FILTERS[name]?.(value, operand) === true);
}

function textMatches(
  value: unknown,
  operand: unknown,
  test: (text: string, part: string) => boolean,
): boolean {
  const ignoresCase = isObject(operand) ? operand['equals-ignore-case'] : undefined;
  if (typeof ignoresCase === 'string')
    return typeof value === 'string' && test(value.toLowerCase(), ignoresCase.toLowerCase());
  return (
    typeof value === 'string' && anyOf(operand).some((part) => typeof part === 'string' && test(value, part))
  );
}

function numeric(value: number, operand: readonly unknown[]): boolean {
  const holds: Readonly<Record<string, (bound: number) => boolean>> = {
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
    '=': (bound) => value === bound,
    '>=': (bound) => value >= bound,
    '>': (bound) => value > bound,
  };
  return operand.every(
    (each, index) => index % 2 === 1 || (holds[String(each)]?.(Number(operand[index + 1])) ?? false),
  );
}

function wildcard(operand: string): RegExp {
  return new RegExp(
    `^${operand
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
}

function inCidr(value: string, operand: string): boolean {
  const [network = '', bits = ''] = operand.split('/');
  if (isIP(value) !== 4 || isIP(network) !== 4) return false;
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(addressNumber(value) / shift) === Math.floor(addressNumber(network) / shift);
}

function addressNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function anyOf(operand: unknown): readonly unknown[] {
  return Array.isArray(operand) ? operand : [operand];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
