import { type JsonObject, StatebagError } from '@statebag/contracts';
import jsonata from 'jsonata';
import { boundedRegExp } from './bounded-reg-exp.ts';
import { createExpressionClock, type ExpressionClock } from './expression-clock.ts';
import { EXPRESSION_LIMITS } from './expression-limits.ts';
import { type ReadSet, readSetOf } from './read-set.ts';
import { regexProblem } from './regex-safety.ts';
import { everyNode, type SyntaxNode } from './syntax-tree.ts';

/** A checked expression: its source, what it reads, and how it is evaluated. */
export interface ParsedExpression {
  readonly source: string;
  readonly reads: ReadSet;
  /** Names of variables and functions it uses, without `$`. */
  readonly variables: ReadonlySet<string>;
  /** @throws what the library throws */
  readonly evaluate: (view: JsonObject, bindings: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

/** Functions that reach outside of the expression or build code at run time. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(['eval']);

/** @throws `Expression.Failed` with the position, when the text is no expression or does what expressions may not. */
export function parseExpression(source: string, clock = createExpressionClock()): ParsedExpression {
  if (source.length > EXPRESSION_LIMITS.sourceLength) throw refused(source, `it is longer than ${EXPRESSION_LIMITS.sourceLength} characters`, 0);
  const compiled = compile(source, clock);
  const tree: SyntaxNode = compiled.ast();
  const nodes = [...everyNode(tree)];
  for (const node of nodes) refuseUnsafe(source, node);
  const variables = new Set(nodes.filter((node) => node.type === 'variable').map((node) => String(node.value)));
  return { source, reads: readSetOf(tree), variables, evaluate: (view, bindings) => clock.inTurn(() => compiled.evaluate(view, bindings)) };
}

function compile(source: string, clock: ExpressionClock): jsonata.Expression {
  const { depth, sequence } = EXPRESSION_LIMITS;
  try {
    return jsonata(source, optionsOf(clock, { stack: depth, sequence, RegexEngine: boundedRegExp }));
  } catch (error) {
    const { message, position } = describeJsonataError(error);
    throw refused(source, message, position, error);
  }
}

/** The library compares the time that has passed with `timeout` at every step: asked there, the clock decides. */
function optionsOf(clock: ExpressionClock, options: jsonata.JsonataOptions): jsonata.JsonataOptions {
  return Object.defineProperty({ ...options }, 'timeout', { get: () => (clock.isOver() ? Number.MIN_VALUE : Number.POSITIVE_INFINITY) });
}

function refuseUnsafe(source: string, node: SyntaxNode): void {
  if (node.type === 'variable' && REFUSED_FUNCTIONS.has(String(node.value))) throw refused(source, `$${String(node.value)} is not available`, node.position);
  if (!(node.value instanceof RegExp)) return;
  const problem = regexProblem(node.value.source);
  if (problem) throw refused(source, `the pattern /${node.value.source}/ can take for ever: ${problem}`, node.position);
}

function refused(source: string, reason: string, position = 0, cause?: unknown): StatebagError {
  return new StatebagError('Expression.Failed', `${excerpt(source)}: ${reason} (position ${position})`, { cause, details: { position } });
}

/** The library throws plain objects: their words, whatever shape they have. */
export function describeJsonataError(error: unknown): { readonly message: string; readonly position: number; readonly code: string } {
  if (typeof error !== 'object' || error === null) return { message: String(error), position: 0, code: '' };
  const { message, position, code } = { message: 'no message', position: 0, code: '', ...error, ...(error instanceof Error ? { message: error.message } : {}) };
  return { message: String(message), position: Number(position), code: String(code) };
}

/** The expression, short enough for a message. */
export function excerpt(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ').trim();
  return `{% ${line.length > 80 ? `${line.slice(0, 79)}…` : line} %}`;
}
