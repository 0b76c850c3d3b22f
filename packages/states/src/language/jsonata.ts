import type { Evaluated } from '../ports/expressions.ts';
import { isArray, isObject, type Json, parseJson, setMember } from './json.ts';
import { type ExpressionProblem, problemsIn } from './jsonata-syntax.ts';
import type { Scope } from './path.ts';
import { QueryError } from './states-error.ts';

/** What `$states` has besides input and context, where the field is evaluated. */
export interface Findings {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** A compiled field of a JSONata state. */
export type Query = (scope: Scope, findings?: Findings) => Json;

/** One expression of a field. */
export interface QueryExpression {
  /** What stands between `{%` and `%}`, without the blanks around it. */
  readonly source: string;
  /** Its place in the state: `Output/result`. */
  readonly location: string;
  readonly problems: readonly ExpressionProblem[];
}

/** The source between the marks, or undefined where a text is no expression. */
export function expressionIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4
    ? value.slice(2, -2).trim()
    : undefined;
}

/** A part of a field: a constant, one of its expressions, or what contains some. */
type Part = (results: readonly Json[]) => Json;

/**
 * Compiles a field: its expressions may stand anywhere in it, and all of them are evaluated at once.
 * `location` is the place of the field in its state.
 */
export function compileQuery(
  value: Json,
  location: string,
): { query: Query; expressions: readonly QueryExpression[] } {
  const expressions: QueryExpression[] = [];
  const part = compilePart(value, location, expressions);
  if (!part) return { query: () => value, expressions };
  const visible = visibleTo(expressions.map(({ source }) => source));
  const sources = expressions.map(({ source }) => source);
  const query: Query = (scope, findings = {}) => {
    const variables = JSON.stringify(visible(scope, findings));
    const results = scope.expressions.evaluate({ sources, variables });
    return part(expressions.map((expression, index) => resultIn(expression, results[index])));
  };
  return { query, expressions };
}

/** Undefined: the part holds no expression. */
function compilePart(value: Json, location: string, found: QueryExpression[]): Part | undefined {
  const source = expressionIn(value);
  if (source !== undefined) {
    const index = found.push({ source, location, problems: problemsIn(source) }) - 1;
    return (results) => results[index] ?? null;
  }
  if (isArray(value)) return compileMembers(value, Object.keys(value), { location, found });
  return isObject(value) ? compileMembers(value, Object.keys(value), { location, found }) : undefined;
}

function compileMembers(
  holder: Json,
  keys: readonly string[],
  { location, found }: { location: string; found: QueryExpression[] },
): Part | undefined {
  const members = keys.map((key) => {
    const value = memberAt(holder, key);
    const part = compilePart(value, `${location}${isArray(holder) ? `[${key}]` : `/${key}`}`, found);
    return { key, part: part ?? (() => value), constant: !part };
  });
  if (members.every(({ constant }) => constant)) return undefined;
  if (isArray(holder)) return (results) => members.map(({ part }) => part(results));
  return (results) => {
    const object: Record<string, Json> = {};
    for (const { key, part } of members) setMember(object, key, part(results));
    return object;
  };
}

function memberAt(holder: Json, key: string): Json {
  if (isArray(holder)) return holder[Number(key)] ?? null;
  return isObject(holder) ? (holder[key] ?? null) : null;
}

/** An error of the language has a code and is a sentence of its own; what stopped the evaluation has none. */
const CODED = /^[A-Z]\d{4}: /;

function resultIn({ source, location }: QueryExpression, result: Evaluated | undefined): Json {
  const what = `The JSONata expression '${source}' specified for the field '${location}'`;
  if (!result) throw new Error(`the expression '${source}' was not evaluated`);
  if ('failure' in result)
    throw new QueryError(
      `${what} threw an error during evaluation${CODED.test(result.failure) ? '.' : ':'} ${result.failure}`,
      location,
    );
  if (result.text === undefined) throw new QueryError(`${what} returned nothing (undefined).`, location);
  return parseJson(result.text);
}

/** The members of `$states`; what follows it otherwise may lead to any of them. */
const KNOWN_MEMBER = /\$states\s*\.\s*(input|context|result|errorOutput)\b/g;

/**
 * Gathers what expressions can see: the members of `$states` and the variables that their text names. The
 * rest
 * is not sent along.
 */
function visibleTo(sources: readonly string[]): (scope: Scope, findings: Findings) => Record<string, Json> {
  const text = sources.join('\n');
  const named = new Set([...text.matchAll(KNOWN_MEMBER)].map(([, member = '']) => member));
  const otherwise = text.replaceAll(KNOWN_MEMBER, '').includes('$states');
  const needs = (member: string): boolean => otherwise || named.has(member);
  return (scope, { result, errorOutput }) => {
    const states: Record<string, Json> = {};
    if (needs('input')) states['input'] = scope.input;
    if (needs('context')) states['context'] = scope.context();
    if (needs('result') && result !== undefined) states['result'] = result;
    if (needs('errorOutput') && errorOutput !== undefined) states['errorOutput'] = errorOutput;
    const assigned = Object.entries(scope.variables).filter(([name]) => text.includes(`$${name}`));
    return { ...Object.fromEntries(assigned), states };
  };
}

/** How the service calls the type of a value. */
export function typeNameOf(value: Json): string {
  if (value === null) return 'null';
  return isArray(value) ? 'array' : typeof value;
}

/** Holds the value of a field against the type that the field takes. */
export function expectType<T extends Json>(
  value: Json,
  field: { readonly expected: string; readonly location: string; readonly source: string | undefined },
  is: (value: Json) => value is T,
): T {
  if (is(value)) return value;
  const { expected, location, source } = field;
  const what = source === undefined ? `The value` : `The JSONata expression '${source}'`;
  throw new QueryError(
    `${what} specified for the field '${location}' returned an unexpected result type. ` +
      `Expected '${expected}', but was '${typeNameOf(value)}' for value: ${JSON.stringify(value)}`,
    location,
  );
}
