import type { Json } from './json.ts';
import { parseTimestamp } from './timestamp.ts';

/** Compares the variable with the operand of a rule; a pair of the wrong types never matches. */
export type Comparator = (variable: Json, operand: Json) => boolean;

/** What an operand has to be, to refuse others when the machine is created. */
export type OperandType = 'string' | 'number' | 'boolean' | 'timestamp';

type Order = (order: number) => boolean;

const ORDERS = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
} as const satisfies Record<string, Order>;

const textOrder = (left: Json, right: Json): number | undefined =>
  typeof left === 'string' && typeof right === 'string' ? (left < right ? -1 : left > right ? 1 : 0) : undefined;

const numberOrder = (left: Json, right: Json): number | undefined => (typeof left === 'number' && typeof right === 'number' ? left - right : undefined);

const timeOrder = (left: Json, right: Json): number | undefined => {
  const [before, after] = [parseTimestamp(left), parseTimestamp(right)];
  return before === undefined || after === undefined ? undefined : before - after;
};

function ordered(prefix: string, compare: (left: Json, right: Json) => number | undefined): [string, Comparator][] {
  return Object.entries(ORDERS).map(([suffix, holds]) => [
    `${prefix}${suffix}`,
    (variable, operand) => {
      const order = compare(variable, operand);
      return order !== undefined && holds(order);
    },
  ]);
}

/** Comparators whose operand is a value, or with `Path` at the end of the name, a path to one. */
export const COMPARATORS: ReadonlyMap<string, Comparator> = new Map<string, Comparator>([
  ...ordered('String', textOrder),
  ...ordered('Numeric', numberOrder),
  ...ordered('Timestamp', timeOrder),
  ['BooleanEquals', (variable, operand) => typeof variable === 'boolean' && variable === operand],
]);

/** Which type the operand of such a comparator has. */
export function operandTypeOf(comparator: string): OperandType {
  if (comparator.startsWith('String')) return 'string';
  if (comparator.startsWith('Numeric')) return 'number';
  return comparator.startsWith('Timestamp') ? 'timestamp' : 'boolean';
}

/** Type tests: the rule says whether it wants the test to hold. `IsPresent` is told apart, as it alone accepts a missing variable. */
export const TYPE_TESTS: ReadonlyMap<string, (variable: Json) => boolean> = new Map<string, (variable: Json) => boolean>([
  ['IsNull', (variable) => variable === null],
  ['IsString', (variable) => typeof variable === 'string'],
  ['IsNumeric', (variable) => typeof variable === 'number'],
  ['IsBoolean', (variable) => typeof variable === 'boolean'],
  ['IsTimestamp', (variable) => parseTimestamp(variable) !== undefined],
]);

/** Compiles the pattern of `StringMatches`: `*` stands for any text, a backslash makes it a star. */
export function compileWildcard(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([*\\])|([*])|([.+?^${}()|[\]\\])/g,
    (_, escaped: string | undefined, star: string | undefined, special: string | undefined) => (star ? '[^]*' : `\\${escaped ?? special}`),
  );
  return new RegExp(`^${source}$`);
}
