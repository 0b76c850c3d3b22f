import { ASSIGN, checkFields, type FieldTable, OUTPUT, TEXT } from './fields.ts';
import type { Json } from './json.ts';
import { expectType, expressionIn } from './jsonata.ts';
import type { Path, Scope } from './path.ts';
import type { Reader } from './reader.ts';
import { StateRuntimeError } from './states-error.ts';
import { parseTimestamp } from './timestamp.ts';

/** Decides whether a rule of a Choice state matches. */
export type Condition = (scope: Scope) => boolean;

const CONNECTIVES = ['And', 'Or', 'Not'];
const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment', 'Assign']);

const QUERY_RULE_FIELDS: FieldTable = {
  ...ASSIGN,
  ...OUTPUT,
  Condition: { holds: 'any', required: true },
  Next: TEXT,
  Comment: TEXT,
};

/** Compiles the rule of a JSONata state: one expression. */
export function compileQueryCondition(rule: Reader): Condition {
  checkFields(rule, QUERY_RULE_FIELDS);
  const condition = rule.value('Condition');
  const source = expressionIn(condition);
  if (condition !== undefined && source === undefined && typeof condition !== 'boolean')
    rule.report('Expected a JSONata expression or a boolean', { field: 'Condition' });
  const query = rule.query('Condition');
  const field = { expected: 'boolean', location: rule.placeOf('Condition'), source };
  return (scope) => query !== undefined && expectType(query(scope), field, isBoolean);
}

const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';

/** Compiles one rule: a comparison, or rules joined by And, Or, Not. */
export function compileCondition(rule: Reader): Condition {
  const operators = Object.keys(rule.raw).filter((field) => !NOT_OPERATORS.has(field));
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    rule.report(`A rule needs exactly one comparison operator but has ${operators.length}`);
    return () => false;
  }
  return CONNECTIVES.includes(operator)
    ? compileConnective(rule, operator)
    : compileComparison(rule, operator);
}

function compileConnective(rule: Reader, operator: string): Condition {
  if (operator === 'Not') {
    const inner = rule.object('Not');
    const condition = inner ? compileNested(inner) : () => false;
    return (scope) => !condition(scope);
  }
  const conditions = rule.objects(operator).map(compileNested);
  if (conditions.length === 0) rule.report('A list of at least one rule is required', { field: operator });
  return operator === 'And'
    ? (scope) => conditions.every((condition) => condition(scope))
    : (scope) => conditions.some((condition) => condition(scope));
}

function compileNested(rule: Reader): Condition {
  if (rule.has('Next')) rule.report("Only a rule at the top may have 'Next'", { field: 'Next' });
  return compileCondition(rule);
}

function compileComparison(rule: Reader, operator: string): Condition {
  if (!rule.has('Variable')) rule.report('These fields are required: [Variable]');
  const variable = rule.path('Variable');
  const test = compileTest(rule, operator);
  if (!variable || !test) return () => false;
  if (operator === 'IsPresent') return (scope) => test(presentOr(ABSENT, variable.read(scope)), scope);
  return (scope) => test(valueAt(variable, scope), scope);
}

const presentOr = (absent: Json, value: Json | undefined): Json => (value === undefined ? absent : value);

/** Stands for a missing variable, which only `IsPresent` lets through. */
const ABSENT: Json = Object.freeze({});

function compileTest(rule: Reader, operator: string): ((value: Json, scope: Scope) => boolean) | undefined {
  if (operator === 'IsPresent' || TYPE_TESTS.has(operator)) {
    const wanted = rule.boolean(operator);
    const holds = operator === 'IsPresent' ? (value: Json) => value !== ABSENT : TYPE_TESTS.get(operator);
    return (value) => holds?.(value) === wanted;
  }
  if (operator === 'StringMatches') {
    const pattern = compileWildcard(rule.text(operator) ?? '');
    return (value) => typeof value === 'string' && pattern.test(value);
  }
  return compileOperand(rule, operator);
}

function compileOperand(
  rule: Reader,
  operator: string,
): ((value: Json, scope: Scope) => boolean) | undefined {
  const byPath = operator.endsWith('Path');
  const compare = COMPARATORS.get(byPath ? operator.slice(0, -4) : operator);
  if (!compare) {
    rule.report(`Field '${operator}' is not supported`, { field: operator });
    return undefined;
  }
  if (byPath) {
    const operand = rule.path(operator);
    return operand && ((value, scope) => compare(value, valueAt(operand, scope)));
  }
  const operand = rule.value(operator) ?? null;
  if (!fitsType(operand, operandTypeOf(operator)))
    rule.report(`Expected a ${operandTypeOf(operator)}`, { field: operator });
  return (value) => compare(value, operand);
}

function fitsType(operand: Json, type: OperandType): boolean {
  return type === 'timestamp' ? parseTimestamp(operand) !== undefined : typeof operand === type;
}

function valueAt(path: Path, scope: Scope): Json {
  const value = path.read(scope);
  if (value === undefined)
    throw new StateRuntimeError(
      `Invalid path '${path.text}': The choice state's condition path references an invalid value.`,
    );
  return value;
}

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
  typeof left === 'string' && typeof right === 'string'
    ? left < right
      ? -1
      : left > right
        ? 1
        : 0
    : undefined;

const numberOrder = (left: Json, right: Json): number | undefined =>
  typeof left === 'number' && typeof right === 'number' ? left - right : undefined;

const timeOrder = (left: Json, right: Json): number | undefined => {
  const [before, after] = [parseTimestamp(left), parseTimestamp(right)];
  return before === undefined || after === undefined ? undefined : before - after;
};

function ordered(
  prefix: string,
  compare: (left: Json, right: Json) => number | undefined,
): [string, Comparator][] {
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

/**
 * Type tests: the rule says whether it wants the test to hold. `IsPresent` is told apart, as it alone accepts
 * a missing variable.
 */
export const TYPE_TESTS: ReadonlyMap<string, (variable: Json) => boolean> = new Map<
  string,
  (variable: Json) => boolean
>([
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
    (_, escaped: string | undefined, star: string | undefined, special: string | undefined) =>
      star ? '[^]*' : `\\${escaped ?? special}`,
  );
  return new RegExp(`^${source}$`);
}
