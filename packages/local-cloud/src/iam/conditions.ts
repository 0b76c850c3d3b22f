import { listOf, malformed, mappingOf } from './document.ts';
import { arnPattern, filled, type RequestContext, textPattern } from './patterns.ts';

export type Condition = (context: RequestContext) => boolean;

type Compare = (value: string, wanted: string) => boolean;

const EQUALS: Compare = (value, wanted) => value === wanted;
const LIKE: Compare = (value, wanted) => textPattern(wanted)(value);
const IGNORING_CASE: Compare = (value, wanted) => value.toLowerCase() === wanted.toLowerCase();
const ARN: Compare = (value, wanted) => arnPattern(wanted)(value);
const number =
  (compare: (a: number, b: number) => boolean): Compare =>
  (value, wanted) =>
    compare(Number(value), Number(wanted));
const time =
  (compare: (a: number, b: number) => boolean): Compare =>
  (value, wanted) =>
    compare(Date.parse(value), Date.parse(wanted));

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
};

/** How a value is compared; `Not` in the name turns it round. */
const OPERATORS: Readonly<Record<string, Compare>> = {
  StringEquals: EQUALS,
  StringEqualsIgnoreCase: IGNORING_CASE,
  StringLike: LIKE,
  ArnEquals: ARN,
  ArnLike: ARN,
  Bool: IGNORING_CASE,
  ...Object.fromEntries(
    Object.entries(ORDERS).flatMap(([name, order]) => [
      [`Numeric${name}`, number(order)],
      [`Date${name}`, time(order)],
    ]),
  ),
};

const OPERATOR = /^(?:(?<quantifier>ForAllValues|ForAnyValue):)?(?<name>\w+?)(?<ifExists>IfExists)?$/;

/** Compiles the conditions of a statement: all of them have to hold. */
export function compileConditions(given: unknown): readonly Condition[] {
  if (given === undefined) return [];
  return Object.entries(mappingOf(given, 'Condition')).flatMap(([operator, keys]) =>
    Object.entries(mappingOf(keys, operator)).map(([key, values]) =>
      compileCondition(operator, key, listOf(values).map(String)),
    ),
  );
}

function compileCondition(operator: string, key: string, wanted: readonly string[]): Condition {
  const groups = OPERATOR.exec(operator)?.groups ?? {};
  const { quantifier, name = '', ifExists } = groups;
  const known = key.toLowerCase();
  if (name === 'Null') return (context) => wanted.includes(String(context[known] === undefined));
  const negated = /^[A-Z][a-z]+Not/.test(name);
  const positive = negated ? name.replace('Not', '') : name;
  const compare = Object.hasOwn(OPERATORS, positive) ? OPERATORS[positive] : undefined;
  if (compare === undefined) throw malformed(`the condition operator ${operator} is not evaluated here`);
  const fits = (value: string, context: RequestContext): boolean =>
    wanted.some((text) => {
      const whole = text.includes('${') ? filled(text, context) : text;
      return whole !== undefined && compare(value, whole);
    }) !== negated;
  // a key that is not there fits what is negated, and what asks for all of none
  const absent =
    ifExists !== undefined || (quantifier === undefined ? negated : quantifier === 'ForAllValues');
  return (context) => {
    const value = context[known];
    if (value === undefined) return absent;
    const values = typeof value === 'string' ? [value] : value;
    return quantifier === 'ForAllValues'
      ? values.every((each) => fits(each, context))
      : values.some((each) => fits(each, context));
  };
}
