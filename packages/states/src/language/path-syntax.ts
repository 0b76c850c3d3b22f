import { Cursor } from './cursor.ts';
import { deepEqual, isArray, type Json, parseJson } from './json.ts';
import { follow, isDefinite, isPathFunction, type Predicate, type Segment } from './path-walk.ts';

/** Reads the segments after `$` or `@`; stops at the first character that belongs to no path. */
export function readSegments(cursor: Cursor): Segment[] {
  const segments: Segment[] = [];
  for (;;) {
    if (cursor.take('..'))
      segments.push({ kind: 'descend' }, cursor.peek() === '[' ? readBracket(cursor) : readDotted(cursor));
    else if (cursor.take('.'))
      segments.push(cursor.peek() === '[' ? readBracket(cursor) : readDotted(cursor));
    else if (cursor.peek() === '[') segments.push(readBracket(cursor));
    else return segments;
  }
}

function readDotted(cursor: Cursor): Segment {
  if (cursor.take('*')) return { kind: 'wildcard' };
  const name = cursor.match(/[^\s.[\]()=!<>&|,~]+/y);
  if (name === undefined) return cursor.fail('expected a name');
  if (!cursor.take('(')) return { kind: 'name', name };
  cursor.expect(')');
  return isPathFunction(name) ? { kind: 'call', name } : cursor.fail(`unknown function '${name}'`);
}

function readBracket(cursor: Cursor): Segment {
  cursor.expect('[');
  const segment = readInside(cursor.skipSpace());
  cursor.expect(']');
  return segment;
}

function readInside(cursor: Cursor): Segment {
  if (cursor.take('*')) return { kind: 'wildcard' };
  if (cursor.take('?')) return readFilter(cursor);
  if (cursor.peek() === "'" || cursor.peek() === '"') return readNames(cursor);
  return readNumbers(cursor);
}

function readFilter(cursor: Cursor): Segment {
  cursor.expect('(');
  const test = readPredicate(cursor);
  cursor.expect(')');
  return { kind: 'filter', test };
}

function readNames(cursor: Cursor): Segment {
  const names = readList(cursor, () => cursor.quoted(cursor.skipSpace().peek() === '"' ? '"' : "'"));
  const [name, ...others] = names;
  return name !== undefined && others.length === 0 ? { kind: 'name', name } : { kind: 'names', names };
}

function readNumbers(cursor: Cursor): Segment {
  const first = readInteger(cursor);
  if (cursor.skipSpace().take(':')) return readSlice(cursor, first);
  if (first === undefined) return cursor.fail('expected an index');
  if (!cursor.take(',')) return { kind: 'index', index: first };
  return {
    kind: 'indices',
    indices: [first, ...readList(cursor, () => readInteger(cursor) ?? cursor.fail('expected an index'))],
  };
}

function readSlice(cursor: Cursor, from: number | undefined): Segment {
  const to = readInteger(cursor);
  const step = cursor.skipSpace().take(':') ? (readInteger(cursor) ?? 1) : 1;
  if (step < 1) return cursor.fail('a slice needs a positive step');
  return { kind: 'slice', from, to, step };
}

function readInteger(cursor: Cursor): number | undefined {
  const digits = cursor.skipSpace().match(/-?\d+/y);
  return digits === undefined ? undefined : Number(digits);
}

/** Reads one thing or several, with commas between them. */
function readList<T>(cursor: Cursor, read: () => T): T[] {
  const list = [read()];
  while (cursor.skipSpace().take(',')) list.push(read());
  return list;
}

/** Parses a whole path without its `$`. */
export function parseSegments(text: string): Segment[] {
  const cursor = new Cursor(text);
  const segments = readSegments(cursor);
  return cursor.done ? segments : cursor.fail('unexpected character');
}

type Operand = (current: Json, root: Json) => Json | undefined;

const ORDERED = (holds: (order: number) => boolean) => (left: Json | undefined, right: Json | undefined) => {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  return (
    typeof left === 'string' && typeof right === 'string' && holds(left < right ? -1 : left > right ? 1 : 0)
  );
};

const same = (left: Json | undefined, right: Json | undefined): boolean =>
  left === undefined || right === undefined ? left === right : deepEqual(left, right);

const holds = (list: Json | undefined, item: Json | undefined): boolean =>
  isArray(list) && list.some((other) => same(other, item));

const sizeOf = (value: Json | undefined): number | undefined =>
  isArray(value) || typeof value === 'string' ? value.length : undefined;

/** The operators between two operands; the longer spelling of two comes first. */
const OPERATORS: readonly (readonly [
  string,
  (left: Json | undefined, right: Json | undefined) => boolean,
])[] = [
  ['==', same],
  ['!=', (left, right) => !same(left, right)],
  ['<=', ORDERED((order) => order <= 0)],
  ['>=', ORDERED((order) => order >= 0)],
  ['<', ORDERED((order) => order < 0)],
  ['>', ORDERED((order) => order > 0)],
  ['subsetof', (left, right) => isArray(left) && left.every((item) => holds(right, item))],
  ['anyof', (left, right) => isArray(left) && left.some((item) => holds(right, item))],
  ['noneof', (left, right) => isArray(left) && !left.some((item) => holds(right, item))],
  [
    'contains',
    (left, right) =>
      typeof left === 'string' && typeof right === 'string' ? left.includes(right) : holds(left, right),
  ],
  ['nin', (left, right) => !holds(right, left)],
  ['in', (left, right) => holds(right, left)],
  ['size', (left, right) => sizeOf(left) === right],
  ['empty', (left, right) => (sizeOf(left) === 0) === right],
];

/** Reads the condition of a filter: comparisons and existence, joined by `&&`, `||`, `!` and parentheses. */
export function readPredicate(cursor: Cursor): Predicate {
  const left = readConjunction(cursor);
  if (!cursor.skipSpace().take('||')) return left;
  const right = readPredicate(cursor);
  return (current, root) => left(current, root) || right(current, root);
}

function readConjunction(cursor: Cursor): Predicate {
  const left = readTerm(cursor);
  if (!cursor.skipSpace().take('&&')) return left;
  const right = readConjunction(cursor);
  return (current, root) => left(current, root) && right(current, root);
}

function readTerm(cursor: Cursor): Predicate {
  if (cursor.skipSpace().take('!')) {
    const negated = readTerm(cursor);
    return (current, root) => !negated(current, root);
  }
  if (!cursor.take('(')) return readComparison(cursor);
  const inner = readPredicate(cursor);
  cursor.expect(')');
  return inner;
}

function readComparison(cursor: Cursor): Predicate {
  const left = readOperand(cursor);
  if (cursor.skipSpace().take('=~')) return readMatch(cursor, left);
  const compare = OPERATORS.find(([spelling]) => cursor.take(spelling))?.[1];
  if (!compare) return (current, root) => left(current, root) !== undefined;
  const right = readOperand(cursor);
  return (current, root) => compare(left(current, root), right(current, root));
}

function readMatch(cursor: Cursor, left: Operand): Predicate {
  const literal =
    cursor.skipSpace().match(/\/(?:\\.|[^/\\])*\/[a-z]*/y) ?? cursor.fail('expected a regular expression');
  const end = literal.lastIndexOf('/');
  const pattern = new RegExp(
    `^(?:${literal.slice(1, end)})$`,
    literal.slice(end + 1).replace(/[^imsu]/g, ''),
  );
  return (current, root) => {
    const value = left(current, root);
    return typeof value === 'string' && pattern.test(value);
  };
}

function readOperand(cursor: Cursor): Operand {
  const start = cursor.skipSpace().peek();
  if (start === '@' || start === '$') return readPathOperand(cursor);
  const literal = readLiteral(cursor);
  return () => literal;
}

function readPathOperand(cursor: Cursor): Operand {
  const fromCurrent = cursor.take('@') || !cursor.take('$');
  const segments = readSegments(cursor);
  const definite = isDefinite(segments);
  return (current, root) => {
    const found = follow(segments, fromCurrent ? current : root, root);
    return definite ? found[0] : found;
  };
}

function readLiteral(cursor: Cursor): Json {
  const start = cursor.skipSpace().peek();
  if (start === "'" || start === '"') return cursor.quoted(start);
  if (start === '[') return readListLiteral(cursor);
  const word =
    cursor.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y) ?? cursor.fail('expected a value');
  return parseJson(word);
}

function readListLiteral(cursor: Cursor): Json {
  cursor.expect('[');
  const list: Json[] = [];
  while (cursor.skipSpace().peek() !== ']') {
    list.push(readLiteral(cursor));
    if (!cursor.skipSpace().take(',')) break;
  }
  cursor.expect(']');
  return list;
}
