import { isJsonObject, isStatebagError, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { createExpressionClock } from './expression-clock.ts';
import { EXPRESSION_LIMITS } from './expression-limits.ts';
import { ADDED_FUNCTIONS, type FixedPlace, fixedFunctions } from './fixed-functions.ts';
import { describeJsonataError, excerpt, type ParsedExpression } from './parse-expression.ts';
import { type ParsedText, parseText } from './parse-text.ts';
import { toJson } from './to-json.ts';

/** Variables that a surrounding node sets: `$item`, `$index`. */
export type Variables = Readonly<Record<string, Json>>;

/** Evaluates the texts of one node at one place of a run. */
export interface Evaluator {
  /** Any JSON of a document, with every expression and template in it replaced by its value. */
  resolve(value: Json): Promise<Json>;
  /** A condition: nothing and everything JSONata calls false is false. */
  test(text: string): Promise<boolean>;
  /** A list: nothing and null are the empty one, any other single value is a list of one. */
  list(text: string): Promise<readonly Json[]>;
}

export type ParseText = (text: string) => ParsedText;

/** Parses each text once. Make one per invocation. */
export function cachedParser(): ParseText {
  const parsed = new Map<string, ParsedText>();
  const clock = createExpressionClock();
  return (text) => {
    const known = parsed.get(text) ?? parseText(text, clock);
    parsed.set(text, known);
    return known;
  };
}

interface Surroundings {
  readonly view: JsonObject;
  readonly variables: Variables;
  readonly place: FixedPlace;
  readonly parse: ParseText;
}

export function createEvaluator({ view, variables, place, parse }: Surroundings): Evaluator {
  const bindings = { ...ADDED_FUNCTIONS, ...fixedFunctions(place), ...variables };
  const evaluate = (expression: ParsedExpression) => evaluateExpression(expression, view, bindings);

  async function resolveText(text: string): Promise<Json> {
    const parsed = parse(text);
    if (parsed.kind === 'plain') return text;
    if (parsed.kind === 'expression') return something(parsed.expression, await evaluate(parsed.expression));
    const parts: string[] = [];
    for (const part of parsed.parts) parts.push(typeof part === 'string' ? part : asText(something(part, await evaluate(part))));
    return parts.join('');
  }

  /** One after the other and in key order, so that the rows of `$random` and `$uuid` do not depend on anything else. */
  async function resolve(value: Json): Promise<Json> {
    if (typeof value === 'string') return resolveText(value);
    if (Array.isArray(value)) return inOrder(value, resolve);
    if (!isJsonObject(value)) return value;
    const keys = Object.keys(value).sort();
    const members = await inOrder(keys, (key) => resolve(value[key] ?? null));
    return Object.fromEntries(keys.map((key, index) => [key, members[index] ?? null]));
  }

  async function evaluateWhole(text: string): Promise<Json | undefined> {
    const parsed = parse(text);
    if (parsed.kind === 'expression') return evaluate(parsed.expression);
    throw new StatebagError('Expression.Failed', `"{% … %}" is needed here, not ${JSON.stringify(text)}`);
  }

  return {
    resolve,
    test: async (text) => isTruthy(await evaluateWhole(text)),
    list: async (text) => asList(await evaluateWhole(text)),
  };
}

function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

async function inOrder<Member>(members: readonly Member[], each: (member: Member) => Promise<Json>): Promise<Json[]> {
  const results: Json[] = [];
  for (const member of members) results.push(await each(member));
  return results;
}

async function evaluateExpression(expression: ParsedExpression, view: JsonObject, bindings: Readonly<Record<string, unknown>>): Promise<Json | undefined> {
  try {
    const value: unknown = await expression.evaluate(view, bindings);
    return value === undefined ? undefined : toJson(value);
  } catch (error) {
    throw failureOf(expression, error);
  }
}

const OUT_OF_TIME = 'D1012';
/** The library's codes for its other limits: depth, length of a sequence. */
const LIMIT_CODES: ReadonlySet<string> = new Set(['D1011', 'D2014', 'D2015', 'U1001']);

function failureOf(expression: ParsedExpression, error: unknown): StatebagError {
  const where = excerpt(expression.source);
  if (isStatebagError(error)) return new StatebagError(error.name, `${where}: ${error.message}`, { cause: error });
  const { message, position, code } = describeJsonataError(error);
  if (code === OUT_OF_TIME)
    return new StatebagError('Expression.LimitExceeded', `${where}: it took more than ${EXPRESSION_LIMITS.millis} ms`, { cause: error });
  const isLimit = LIMIT_CODES.has(code) || error instanceof RangeError;
  return new StatebagError(isLimit ? 'Expression.LimitExceeded' : 'Expression.Failed', `${where}: ${message} (position ${position})`, { cause: error });
}

function something(expression: ParsedExpression, value: Json | undefined): Json {
  if (value !== undefined) return value;
  const mend = 'wrap it in [ ] where an empty list is meant, or give a fallback: $exists(x) ? x : null';
  throw new StatebagError('Expression.Failed', `${excerpt(expression.source)} returned nothing; ${mend}`);
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** JSONata's own `$boolean`. */
function isTruthy(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isTruthy);
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}
