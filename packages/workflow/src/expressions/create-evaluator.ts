import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { evaluateBounded, surroundings, type Variables } from './bounded-evaluation.ts';
import { type EvaluationBudget, evaluationBudget } from './evaluation-budget.ts';
import { createExpressionClock } from './expression-clock.ts';
import { selects } from './expression-remarks.ts';
import type { FixedPlace } from './fixed-functions.ts';
import { excerpt, type ParsedExpression } from './parse-expression.ts';
import { type ParsedText, parseText } from './parse-text.ts';

/** Evaluates the texts of one node at one place of a run. */
export interface Evaluator {
  /** Any JSON of a document, with every expression and template in it replaced by its value. */
  resolve(value: Json): Promise<Json>;
  /** A condition: nothing and everything JSONata calls false is false. */
  test(text: string): Promise<boolean>;
  /**
   * A list: null is the empty one, any other single value is a list of one. Nothing is the empty one too, or
   * fails unless it is what a filter left over.
   */
  list(text: string, whenMissing?: string): Promise<readonly Json[]>;
}

export type ParseText = (text: string) => ParsedText;

/** Parses each text once, and remembers a bounded number of them. */
export function cachedParser(): ParseText {
  const parsed = new Map<string, ParsedText>();
  const clock = createExpressionClock();
  return (text) => {
    const known = parsed.get(text) ?? parseText(text, clock);
    if (parsed.size < MOST_TEXTS) parsed.set(text, known);
    return known;
  };
}

/** More than a segment has. */
const MOST_TEXTS = 5_000;
const parsers = new WeakMap<object, ParseText>();

/** The one parser of a segment: as long as its process keeps the segment, its texts are parsed once. */
export function parserOf(segment: object): ParseText {
  const parser = parsers.get(segment) ?? cachedParser();
  parsers.set(segment, parser);
  return parser;
}

interface Surroundings {
  readonly view: JsonObject;
  readonly variables: Variables;
  readonly place: FixedPlace;
  readonly parse: ParseText;
  /** Whether messages of failures show the values that an expression met; not if not given. */
  readonly showsValues?: boolean;
  /** That of the invocation; one of its own if not given. */
  readonly budget?: EvaluationBudget;
}

export function createEvaluator({
  view,
  variables,
  place,
  parse,
  showsValues = false,
  budget = evaluationBudget(),
}: Surroundings): Evaluator {
  const around = surroundings({ view, variables, place, showsValues });
  const evaluate = (expression: ParsedExpression) => budget.during(() => evaluateBounded(expression, around));

  async function resolveText(text: string): Promise<Json> {
    const parsed = parse(text);
    if (parsed.kind === 'plain') return text;
    if (parsed.kind === 'expression')
      return something(parsed.expression, await evaluate(parsed.expression), view);
    const parts: string[] = [];
    for (const part of parsed.parts)
      parts.push(typeof part === 'string' ? part : asText(something(part, await evaluate(part), view)));
    return parts.join('');
  }

  /**
   * One after the other and in key order, so that the rows of `$random` and `$uuid` do not depend on anything
   * else.
   */
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
    list: async (text, whenMissing = 'empty') => {
      const value = await evaluateWhole(text);
      if (value === undefined && whenMissing === 'fail') refuseMissing(parse(text), view);
      return asList(value);
    },
  };
}

/** @throws `Expression.Failed` where a list is missing; a filter that nothing passed leaves none over */
function refuseMissing(parsed: ParsedText, view: JsonObject): void {
  if (parsed.kind !== 'expression') return;
  const { source, reads, tree } = parsed.expression;
  const isThere = reads === 'all' || [...reads].every((field) => Object.hasOwn(view, field));
  if (isThere && selects(tree)) return;
  const why = isThere ? '' : whyNothing(parsed.expression, view);
  throw new StatebagError(
    'Expression.Failed',
    `${excerpt(source)}: the list is missing${why}; write \`when_missing: empty\` where it may be`,
  );
}

function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

async function inOrder<Member>(
  members: readonly Member[],
  each: (member: Member) => Promise<Json>,
): Promise<Json[]> {
  const results: Json[] = [];
  for (const member of members) results.push(await each(member));
  return results;
}

function something(expression: ParsedExpression, value: Json | undefined, view: JsonObject): Json {
  if (value !== undefined) return value;
  const { source, stands } = expression;
  throw new StatebagError(
    'Expression.Failed',
    `${excerpt(source, stands.form)} returned nothing${whyNothing(expression, view)}`,
  );
}

/** Fields that the expression reads and the state does not have are the likeliest cause. */
export function whyNothing({ reads }: Pick<ParsedExpression, 'reads'>, view: JsonObject): string {
  const missing = reads === 'all' ? [] : [...reads].filter((field) => !Object.hasOwn(view, field));
  if (missing.length === 0)
    return '; wrap it in [ ] where an empty list is meant, or give a fallback: $exists(x) ? x : null';
  const names = missing.map((field) => JSON.stringify(field)).join(' and ');
  return `: the state has no ${names}; give it in the input or in initial_state, or let a node before this one write it`;
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
