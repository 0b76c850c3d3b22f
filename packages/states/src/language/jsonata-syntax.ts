import jsonata from 'jsonata';
import { isArray, isObject } from './json.ts';

/** Why the service does not take an expression into a definition. */
export interface ExpressionProblem {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  readonly message: string;
}

/** What is wrong with an expression: its syntax, or names that stand for nothing. */
export function problemsIn(source: string): readonly ExpressionProblem[] {
  const tree = parse(source);
  if (typeof tree === 'string') return [{ code: 'INVALID_JSONATA_EXPRESSION', message: tree }];
  return [...new Set(contextReferences(tree))].map((name) => ({
    code: 'UNSUPPORTED_JSONATA_EXPRESSION',
    message: `Reference to '${name}' at the top level is not supported.`,
  }));
}

/** The tree of an expression, or the complaint about its syntax. */
function parse(source: string): object | string {
  try {
    return jsonata(source).ast();
  } catch (error) {
    // The library throws objects, not errors.
    const { message }: { message?: unknown } = typeof error === 'object' && error !== null ? error : {};
    return String(message ?? error);
  }
}

/** Members of a node that are evaluated for each value of something, and have that as their context. */
const NESTED = ['stages', 'predicate', 'group', 'body', 'pattern', 'update', 'delete', 'terms'];

/**
 * The names that a tree takes from a context. An expression is evaluated without one, so they stand for
 * nothing outside of steps, filters and functions; `$$` stands for nothing anywhere.
 */
function* contextReferences(node: unknown, nested = false): Generator<string> {
  if (isArray(node)) {
    for (const each of node) yield* contextReferences(each, nested);
    return;
  }
  if (!isObject(node)) return;
  const { type, value, steps, ...rest } = node;
  if (type === 'variable' && value === '$') yield '$$';
  if (nested === false && type === 'variable' && value === '') yield '$';
  if (nested === false && type === 'name') yield String(value);
  if (isArray(steps)) {
    yield* contextReferences(steps[0], nested);
    yield* contextReferences(steps.slice(1), true);
  }
  for (const [member, inner] of Object.entries(rest))
    yield* contextReferences(inner, nested || NESTED.includes(member));
}
