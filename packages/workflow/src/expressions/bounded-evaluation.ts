import { isStatebagError, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { EXPRESSION_LIMITS, type Room } from './expression-limits.ts';
import { ADDED_FUNCTIONS, type ChanceRow, type FixedPlace, fixedFunctions } from './fixed-functions.ts';
import { isKnownFunction, mendOfFunction } from './known-names.ts';
import { describeJsonataError, excerpt, type ParsedExpression } from './parse-expression.ts';
import { toJson } from './to-json.ts';

/** Variables that a surrounding node sets: `$item`, `$index`. */
export type Variables = Readonly<Record<string, Json>>;

/** What an expression sees. */
export interface Surroundings {
  readonly view: JsonObject;
  readonly variables: Variables;
  readonly place: FixedPlace;
  /** Whether messages of failures show the values that the expression met. */
  readonly showsValues: boolean;
  readonly row: ChanceRow;
  readonly bindings: Readonly<Record<string, unknown>>;
}

/** What an expression sees at a place, from the first call of chance after `calls` others. */
export function surroundings(
  { view, variables, place, showsValues }: Pick<Surroundings, 'view' | 'variables' | 'place' | 'showsValues'>,
  calls = 0,
): Surroundings {
  const row = { calls };
  const bindings = { ...ADDED_FUNCTIONS, ...fixedFunctions(place, row), ...variables };
  return { view, variables, place, showsValues, row, bindings };
}

/**
 * Evaluates here as long as that is certain to be short. What turns out to be more begins again in a process
 * of its own, which can be ended: the value is the same, as an expression has no effects.
 * @throws `Expression.LimitExceeded` once it has taken what an expression may take
 */
export async function evaluateBounded(
  expression: ParsedExpression,
  around: Surroundings,
): Promise<Json | undefined> {
  const begun = around.row.calls;
  const { roomHere } = expression;
  if (roomHere === null) return evaluateApart(expression, around);
  try {
    return await evaluateWithin(roomHere, expression, around);
  } catch (error) {
    const isFinal = roomHere.millis >= EXPRESSION_LIMITS.millis;
    if (isFinal || !isStatebagError(error) || error.name !== 'Expression.LimitExceeded') throw error;
    around.row.calls = begun; // it is more than this process may do: the other one has the last word
    return evaluateApart(expression, around);
  }
}

/** Evaluates in this process. */
export async function evaluateWithin(
  room: Room,
  expression: ParsedExpression,
  { view, bindings, showsValues }: Surroundings,
): Promise<Json | undefined> {
  try {
    const value: unknown = await expression.evaluate(view, bindings, room);
    return value === undefined ? undefined : toJson(value);
  } catch (error) {
    throw failureOf(expression, error, showsValues);
  }
}

async function evaluateApart(
  { source }: ParsedExpression,
  { view, variables, place, showsValues, row }: Surroundings,
): Promise<Json | undefined> {
  const { runApart } = await import('../apart/own-process.ts');
  const { value, calls } = await runApart<Evaluated>(
    { kind: 'expression', source, view, variables, place, showsValues, calls: row.calls },
    excerpt(source),
  );
  row.calls = calls;
  return value;
}

/** A value that another process found, and how far the row of chance came. */
export interface Evaluated {
  readonly value: Json | undefined;
  readonly calls: number;
}

const OUT_OF_TIME = 'D1012';
/** The library's codes for its other limits: depth, length of a sequence. */
const LIMIT_CODES: ReadonlySet<string> = new Set(['D1011', 'D2014', 'D2015', 'U1001']);

function failureOf(expression: ParsedExpression, error: unknown, showsValues: boolean): StatebagError {
  const where = excerpt(expression.source, expression.stands.form);
  if (isStatebagError(error))
    return new StatebagError(error.name, `${where}: ${error.message}`, { cause: error });
  const { message, position, code } = describeJsonataError(error, showsValues);
  if (code === OUT_OF_TIME)
    return new StatebagError(
      'Expression.LimitExceeded',
      `${where}: it took more than ${EXPRESSION_LIMITS.millis} ms`,
      { cause: error },
    );
  const isLimit = LIMIT_CODES.has(code) || error instanceof RangeError;
  return new StatebagError(
    isLimit ? 'Expression.LimitExceeded' : 'Expression.Failed',
    `${where}: ${notAFunction(expression, error) ?? message} (position ${position})`,
    { cause: error },
  );
}

/** The library says only that something was called that is no function, not what. */
const NOT_A_FUNCTION: ReadonlySet<string> = new Set(['T1005', 'T1006', 'T1007', 'T1008']);

/** What was called that is no function. */
function notAFunction({ source }: ParsedExpression, error: unknown): string | undefined {
  const { code, token } = describeJsonataError(error);
  if (!NOT_A_FUNCTION.has(code) || token === '') return undefined;
  if (source.includes(`$${token}`)) return `$${token} is not a function; ${mendOfFunction(token)}`;
  const mend = isKnownFunction(token) ? `write $${token}` : mendOfFunction(token);
  return `\`${token}\` is a field, not a function; ${mend}`;
}
