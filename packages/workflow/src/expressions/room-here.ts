import { PLAIN_ROOM_HERE, ROOM_HERE, type Room, SMALL_ROOM_HERE } from './expression-limits.ts';
import type { SyntaxNode } from './syntax-tree.ts';

/**
 * How far an expression may go in this process, from the nodes of its syntax alone; null where its values do
 * not bound its time, as where the library makes a regular expression of a text.
 */
export function roomHere(nodes: readonly SyntaxNode[]): Room | null {
  if (nodes.every(isPlain)) return PLAIN_ROOM_HERE;
  const called = new Set(nodes.flatMap(({ type, procedure }) => (type === 'function' ? [procedure] : [])));
  const applied = new Set(nodes.flatMap(({ type, rhs }) => (type === 'apply' ? [rhs] : [])));
  const values = nodes.filter((node) => node.type === 'variable' && !called.has(node));
  if (values.some((node) => PICTURED.has(String(node.value)))) return null;
  if (nodes.some((node) => isPictured(node) && (applied.has(node) || !hasHarmlessPicture(node)))) return null;
  const passesFunctionOn = values.some((node) => !applied.has(node) && isFunction(node));
  if (passesFunctionOn || nodes.some(takesTheSquare)) return SMALL_ROOM_HERE;
  return ROOM_HERE;
}

/** What they make, and how long that takes, follows from a picture as much as from the value. */
const PICTURED: ReadonlySet<string> = new Set(['toMillis', 'fromMillis', 'parseInteger', 'formatInteger']);
/** These read with a regular expression that they make of the picture. */
const READ_BY_PICTURE: ReadonlySet<string> = new Set(['toMillis', 'parseInteger']);
/** Short, and without a number of four digits, which would be a width. */
const HARMLESS_PICTURE = /^(?!.*\d{5}).{0,64}$/;

function isPictured(node: SyntaxNode): boolean {
  return PICTURED.has(calledBy(node));
}

function hasHarmlessPicture(node: SyntaxNode): boolean {
  const pictures = (node.arguments ?? []).slice(1);
  if (pictures.length > 0 && READ_BY_PICTURE.has(calledBy(node))) return false;
  return pictures.every(({ type, value }) => type === 'string' && HARMLESS_PICTURE.test(String(value)));
}

/** The name of the function that a node calls, or nothing. */
function calledBy({ procedure }: SyntaxNode): string {
  return procedure?.type === 'variable' ? String(procedure.value) : '';
}

/** What makes much out of two small values, or copies what it has made so far for each further member. */
const SQUARE_FUNCTIONS: ReadonlySet<string> = new Set(['replace', 'join', 'spread']);
const SQUARE_TYPES: ReadonlySet<string> = new Set([
  'regex',
  'transform',
  'partial',
  'wildcard',
  'descendant',
  'parent',
]);

function takesTheSquare(node: SyntaxNode): boolean {
  return SQUARE_TYPES.has(node.type) || SQUARE_FUNCTIONS.has(calledBy(node));
}

/** Their result is no larger than what they are given, and they go through it once. */
const LINEAR_FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'average',
  'boolean',
  'ceil',
  'count',
  'exists',
  'floor',
  'length',
  'lowercase',
  'max',
  'min',
  'not',
  'number',
  'round',
  'string',
  'substring',
  'sum',
  'trim',
  'type',
  'uppercase',
]);
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'path',
  'name',
  'string',
  'number',
  'value',
  'variable',
  'condition',
  'filter',
  'index',
]);
/** Steps that go on with what they found, so that no step doubles it. */
const PLAIN_STEPS: ReadonlySet<string> = new Set(['name', 'variable', 'function']);

function isPlain(node: SyntaxNode): boolean {
  if (!(node.steps ?? []).every(({ type }) => PLAIN_STEPS.has(type))) return false;
  if (node.group !== undefined) return false;
  if (node.type === 'function') return LINEAR_FUNCTIONS.has(calledBy(node));
  if (node.type === 'binary') return node.value !== '..';
  return PLAIN_TYPES.has(node.type);
}

/** Built-in functions that a function of higher order would call without a step of the expression between. */
function isFunction({ value }: SyntaxNode): boolean {
  return BUILT_IN.has(String(value));
}

const BUILT_IN: ReadonlySet<string> = new Set([
  ...PICTURED,
  ...SQUARE_FUNCTIONS,
  ...LINEAR_FUNCTIONS,
  'append',
  'assert',
  'base64decode',
  'base64encode',
  'clone',
  'contains',
  'decodeUrl',
  'decodeUrlComponent',
  'distinct',
  'each',
  'encodeUrl',
  'encodeUrlComponent',
  'error',
  'filter',
  'formatBase',
  'formatNumber',
  'hash',
  'keys',
  'lookup',
  'map',
  'match',
  'merge',
  'millis',
  'now',
  'pad',
  'parse',
  'partition',
  'power',
  'random',
  'range',
  'reduce',
  'reverse',
  'shuffle',
  'sift',
  'single',
  'sort',
  'split',
  'sqrt',
  'substringAfter',
  'substringBefore',
  'uuid',
  'zip',
]);
