import { IntrinsicError, StateRuntimeError, StatesError } from '../states-error.ts';
import { Cursor } from './cursor.ts';
import { INTRINSICS } from './intrinsics.ts';
import type { Json } from './json.ts';
import { compilePath, type Path, type Scope } from './path.ts';

/** Gives a value for a scope. */
export type Evaluate = (scope: Scope) => Json;

const DEEPEST_NESTING = 10;

/** Compiles what may stand behind a `.$` key: a path or an intrinsic function. `field` is how errors call the place. */
export function compileExpression(text: string, field: string): Evaluate {
  if (text.startsWith('$')) return required(compilePath(text), field);
  const cursor = new Cursor(text);
  const evaluate = readCall(cursor, { field, depth: 1 });
  return cursor.skipSpace().done ? evaluate : cursor.fail('unexpected character');
}

/** A path that has to lead somewhere. */
export function required(path: Path, field: string): Evaluate {
  return (scope) => {
    const value = path.read(scope);
    if (value !== undefined) return value;
    const searched = JSON.stringify(path.text.startsWith('$$') ? scope.context() : scope.input);
    throw new StateRuntimeError(`The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${searched}'`);
  };
}

function readCall(cursor: Cursor, at: { field: string; depth: number }): Evaluate {
  const start = cursor.skipSpace().at;
  const name = cursor.match(/States\.[A-Za-z0-9]+/y) ?? cursor.fail('expected a path or an intrinsic function');
  const intrinsic = INTRINSICS[name] ?? cursor.fail(`unknown intrinsic function '${name}'`);
  if (at.depth > DEEPEST_NESTING) cursor.fail(`intrinsic functions nest at most ${DEEPEST_NESTING} deep`);
  const args = readArguments(cursor, { ...at, template: name === 'States.Format' });
  const [least, most] = intrinsic.arity;
  if (args.length < least || args.length > most) cursor.fail(`${name} does not take ${args.length} arguments`);
  const source = cursor.text.slice(start, cursor.at);
  return (scope) => {
    const values = args.map((argument) => argument(scope));
    try {
      return intrinsic.call(values);
    } catch (error) {
      if (!(error instanceof IntrinsicError)) throw error;
      throw new StatesError('States.IntrinsicFailure', `The function '${source}' had the following error: ${error.message}`);
    }
  };
}

function readArguments(cursor: Cursor, at: { field: string; depth: number; template: boolean }): Evaluate[] {
  const args: Evaluate[] = [];
  cursor.expect('(');
  if (cursor.skipSpace().take(')')) return args;
  do args.push(readArgument(cursor, { ...at, template: at.template && args.length === 0 }));
  while (cursor.skipSpace().take(','));
  cursor.expect(')');
  return args;
}

function readArgument(cursor: Cursor, at: { field: string; depth: number; template: boolean }): Evaluate {
  const start = cursor.skipSpace().peek();
  if (start === 'S') return readCall(cursor, { field: at.field, depth: at.depth + 1 });
  if (start === '$') return required(compilePath(readPathText(cursor)), at.field);
  const literal = readLiteral(cursor, at.template);
  return () => literal;
}

function readLiteral(cursor: Cursor, keepEscapes: boolean): Json {
  if (cursor.peek() === "'") return keepEscapes ? readRawText(cursor) : cursor.quoted("'").replace(/\\([{}])/g, '$1');
  const word = cursor.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y) ?? cursor.fail('expected an argument');
  return word === 'null' ? null : word === 'true' || (word === 'false' ? false : Number(word));
}

/** A template keeps its backslashes: only where it is filled does an escaped brace differ from a place for a value. */
function readRawText(cursor: Cursor): string {
  const quoted = cursor.match(/'(?:\\.|[^\\'])*'/sy) ?? cursor.fail('expected a closing quote');
  return quoted.slice(1, -1);
}

/** The text of a path up to the comma or parenthesis that ends the argument, brackets and quotes minded. */
function readPathText(cursor: Cursor): string {
  const start = cursor.at;
  let depth = 0;
  while (!cursor.done) {
    const character = cursor.peek();
    if (depth === 0 && (character === ',' || character === ')')) break;
    if (depth > 0 && (character === "'" || character === '"')) {
      cursor.quoted(character);
      continue;
    }
    if (character === '[' || character === '(') depth += 1;
    if (character === ']' || character === ')') depth -= 1;
    cursor.at += 1;
  }
  return cursor.text.slice(start, cursor.at).trim();
}
