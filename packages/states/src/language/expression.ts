import { Cursor } from './cursor.ts';
import { INTRINSICS } from './intrinsics.ts';
import { isArray, isObject, type Json, setMember } from './json.ts';
import { compilePath, type Path, type Scope } from './path.ts';
import { sourceText } from './payload.ts';
import { IntrinsicError, StateRuntimeError, StatesError } from './states-error.ts';

/** Gives a value for a scope. */
export type Evaluate = (scope: Scope) => Json;

const DEEPEST_NESTING = 10;

/**
 * Compiles what may stand behind a `.$` key: a path or an intrinsic function. `field` is how errors call the
 * place.
 */
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
    requireAssigned(path, scope, field);
    const searched = sourceText(searchedIn(path, scope));
    throw new StateRuntimeError(
      `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${searched}'`,
    );
  };
}

function requireAssigned({ variable }: Path, { variables }: Scope, field: string): void {
  if (variable !== undefined && !Object.hasOwn(variables, variable))
    throw new StateRuntimeError(
      `The variable '$${variable}' specified for the field '${field}' has not been assigned`,
    );
}

function searchedIn({ text, variable }: Path, scope: Scope): Json {
  if (variable !== undefined) return scope.variables[variable] ?? null;
  return text.startsWith('$$') ? scope.context() : scope.input;
}

function readCall(cursor: Cursor, at: { field: string; depth: number }): Evaluate {
  const name =
    cursor.skipSpace().match(/States\.[A-Za-z0-9]+/y) ??
    cursor.fail('expected a path or an intrinsic function');
  const intrinsic = INTRINSICS[name] ?? cursor.fail(`unknown intrinsic function '${name}'`);
  if (at.depth > DEEPEST_NESTING) cursor.fail(`intrinsic functions nest at most ${DEEPEST_NESTING} deep`);
  const args = readArguments(cursor, { ...at, template: name === 'States.Format' });
  const [least, most] = intrinsic.arity;
  if (args.length < least || args.length > most)
    cursor.fail(`${name} does not take ${args.length} arguments`);
  const source = cursor.text.trim();
  return (scope) => {
    const values = args.map((argument) => argument(scope));
    try {
      return intrinsic.call(values);
    } catch (error) {
      if (!(error instanceof IntrinsicError)) throw error;
      throw new StatesError(
        'States.IntrinsicFailure',
        `The function '${source}' had the following error: ${error.message}`,
        { ofState: true },
      );
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
  if (start === '$')
    return argumentAt(compilePath(readPathText(cursor)), { ...at, source: cursor.text.trim() });
  const literal = readLiteral(cursor, at.template);
  return () => literal;
}

/** An argument that has to lead somewhere; the service names the whole expression around it. */
function argumentAt(path: Path, { field, source }: { field: string; source: string }): Evaluate {
  return (scope) => {
    const value = path.read(scope);
    if (value !== undefined) return value;
    requireAssigned(path, scope, field);
    throw new StateRuntimeError(
      `The function '${source}' had the following error: The JsonPath argument for the field '${path.text}' could not be found in the input '${sourceText(searchedIn(path, scope))}'`,
    );
  };
}

function readLiteral(cursor: Cursor, keepEscapes: boolean): Json {
  if (cursor.peek() === "'")
    return keepEscapes ? readRawText(cursor) : cursor.quoted("'").replace(/\\([{}])/g, '$1');
  const word =
    cursor.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y) ?? cursor.fail('expected an argument');
  return word === 'null' ? null : word === 'true' || (word === 'false' ? false : Number(word));
}

/**
 * A template keeps its backslashes: only where it is filled does an escaped brace differ from a place for a
 * value.
 */
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

/**
 * Compiles a payload template. A part without expressions is handed out as it is, so it costs nothing at run
 * time.
 */
export function compileTemplate(template: Json): Evaluate {
  return compilePart(template) ?? (() => template);
}

/** Undefined: the part holds no expression. */
function compilePart(part: Json): Evaluate | undefined {
  if (isArray(part)) return compileList(part);
  return isObject(part) ? compileObject(Object.entries(part)) : undefined;
}

function compileList(list: readonly Json[]): Evaluate | undefined {
  const parts = list.map(compilePart);
  if (parts.every((part) => part === undefined)) return undefined;
  return (scope) =>
    list.map((item, index) => {
      const evaluate = parts[index];
      return evaluate ? evaluate(scope) : item;
    });
}

function compileObject(entries: readonly (readonly [string, Json])[]): Evaluate | undefined {
  let constant = true;
  const members = entries.map(([key, value]) => {
    const expression = key.endsWith('.$');
    const evaluate = expression ? compileMember(key, value) : compilePart(value);
    constant &&= evaluate === undefined;
    return { key: expression ? key.slice(0, -2) : key, evaluate, value };
  });
  if (constant) return undefined;
  return (scope) => {
    const object: Record<string, Json> = {};
    for (const { key, evaluate, value } of members)
      setMember(object, key, evaluate ? evaluate(scope) : value);
    return object;
  };
}

function compileMember(key: string, value: Json): Evaluate {
  if (typeof value !== 'string')
    throw new SyntaxError(`the value of '${key}' has to be a path or an intrinsic function`);
  if (!value.startsWith('$')) return compileExpression(value, key);
  const path = compilePath(value);
  const read = required(path, key);
  return (scope) => (path.isPastEnd(scope) ? null : read(scope));
}
