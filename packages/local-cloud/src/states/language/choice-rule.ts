import type { Reader } from '../definition/reader.ts';
import { StateRuntimeError } from '../states-error.ts';
import { COMPARATORS, compileWildcard, type OperandType, operandTypeOf, TYPE_TESTS } from './comparators.ts';
import type { Json } from './json.ts';
import type { Path, Scope } from './path.ts';
import { parseTimestamp } from './timestamp.ts';

/** Decides whether a rule of a Choice state matches. */
export type Condition = (scope: Scope) => boolean;

const CONNECTIVES = ['And', 'Or', 'Not'];
const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment', 'Assign']);

/** Compiles one rule: a comparison, or rules joined by And, Or, Not. */
export function compileCondition(rule: Reader): Condition {
  rule.refuseVariables();
  const operators = Object.keys(rule.raw).filter((field) => !NOT_OPERATORS.has(field));
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    rule.report(`A rule needs exactly one comparison operator but has ${operators.length}`);
    return () => false;
  }
  return CONNECTIVES.includes(operator) ? compileConnective(rule, operator) : compileComparison(rule, operator);
}

function compileConnective(rule: Reader, operator: string): Condition {
  if (operator === 'Not') {
    const inner = rule.object('Not');
    const condition = inner ? compileNested(inner) : () => false;
    return (scope) => !condition(scope);
  }
  const conditions = rule.objects(operator).map(compileNested);
  if (conditions.length === 0) rule.report('A list of at least one rule is required', { field: operator });
  return operator === 'And' ? (scope) => conditions.every((condition) => condition(scope)) : (scope) => conditions.some((condition) => condition(scope));
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

function compileOperand(rule: Reader, operator: string): ((value: Json, scope: Scope) => boolean) | undefined {
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
  if (!fitsType(operand, operandTypeOf(operator))) rule.report(`Expected a ${operandTypeOf(operator)}`, { field: operator });
  return (value) => compare(value, operand);
}

function fitsType(operand: Json, type: OperandType): boolean {
  return type === 'timestamp' ? parseTimestamp(operand) !== undefined : typeof operand === type;
}

function valueAt(path: Path, scope: Scope): Json {
  const value = path.read(scope);
  if (value === undefined) throw new StateRuntimeError(`Invalid path '${path.text}': The choice state's condition path references an invalid value.`);
  return value;
}
