import { Cursor } from './cursor.ts';
import { type Predicate, readPredicate } from './path-filter.ts';
import { isPathFunction, type PathFunction } from './path-functions.ts';

/** One step of a JSONPath. */
export type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly step: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly test: Predicate }
  | { readonly kind: 'call'; readonly name: PathFunction };

/** Reads the segments after `$` or `@`; stops at the first character that belongs to no path. */
export function readSegments(cursor: Cursor): Segment[] {
  const segments: Segment[] = [];
  for (;;) {
    if (cursor.take('..')) segments.push({ kind: 'descend' }, cursor.peek() === '[' ? readBracket(cursor) : readDotted(cursor));
    else if (cursor.take('.')) segments.push(readDotted(cursor));
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
  return { kind: 'indices', indices: [first, ...readList(cursor, () => readInteger(cursor) ?? cursor.fail('expected an index'))] };
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
