import type { Expressions } from '../ports/expressions.ts';
import { isArray, isObject, type Json, type JsonObject, setMember } from './json.ts';
import { parseSegments } from './path-syntax.ts';
import { elementOf, follow, isDefinite, memberOf, type Segment } from './path-walk.ts';

/** What expressions of a state can see. The context object is built only when one asks for it. */
export interface Scope {
  /** What `$` means. */
  readonly input: Json;
  /** What `$$` means. */
  context(): Json;
  /** What `$name` means, by name. */
  readonly variables: JsonObject;
  readonly expressions: Expressions;
}

/** A compiled JSONPath. */
export interface Path {
  readonly text: string;
  readonly definite: boolean;
  /** The variable that it begins at. */
  readonly variable: string | undefined;
  /**
   * Undefined: a definite path that leads nowhere. Any other path gives a list, empty when nothing matches.
   */
  read(scope: Scope): Json | undefined;
  /** Only its last step, an index, finds nothing: the list ends before it. */
  isPastEnd(scope: Scope): boolean;
  /** Why it leads nowhere, in the words of the service. */
  problem(scope: Scope): string;
}

/** Where a path begins. */
type Root = (scope: Scope) => Json | undefined;

/** `$name`: the value of a variable. */
const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;

/** Compiles `$…`, `$$…` and `$name…`; throws a `SyntaxError` that says where the path is wrong. */
export function compilePath(text: string): Path {
  if (!text.startsWith('$')) throw new SyntaxError(`a path starts with '$': '${text}'`);
  const { root, rest, variable } = readRoot(text);
  const segments = parseSegments(rest);
  const definite = isDefinite(segments);
  const walk = definite ? directWalk(segments) : (node: Json) => follow(segments, node, node);
  return {
    text,
    definite,
    variable,
    read(scope) {
      const start = root(scope);
      return start === undefined ? undefined : walk(start);
    },
    isPastEnd(scope) {
      const last = segments.at(-1);
      const start = root(scope);
      if (!definite || last?.kind !== 'index' || start === undefined) return false;
      const list = directWalk(segments.slice(0, -1))(start);
      return isArray(list) && elementOf(list, last.index) === undefined;
    },
    problem: (scope) => `Invalid path '${text}' : ${missingAt(segments, root(scope))}`,
  };
}

/** The first step of a definite path that finds nothing; only the last one has no results. */
function missingAt(segments: readonly Segment[], start: Json | undefined): string {
  let node = start;
  let passed = '$';
  for (const [index, segment] of segments.entries()) {
    if (segment.kind !== 'name' && segment.kind !== 'index') break;
    passed += segment.kind === 'name' ? `['${segment.name}']` : `[${segment.index}]`;
    node = segment.kind === 'name' ? memberOf(node, segment.name) : elementOf(node, segment.index);
    if (node === undefined && index < segments.length - 1) return `Missing property in path ${passed}`;
  }
  return `No results for path: ${passed}`;
}

function readRoot(text: string): { root: Root; rest: string; variable: string | undefined } {
  if (text.startsWith('$$'))
    return { root: (scope) => scope.context(), rest: text.slice(2), variable: undefined };
  const [whole, name] = VARIABLE.exec(text) ?? [];
  if (whole === undefined || name === undefined)
    return { root: (scope) => scope.input, rest: text.slice(1), variable: undefined };
  const root: Root = ({ variables }) => (Object.hasOwn(variables, name) ? variables[name] : undefined);
  return { root, rest: text.slice(whole.length), variable: name };
}

/** The common case, members and elements only, without lists in between. */
function directWalk(segments: readonly Segment[]): (root: Json) => Json | undefined {
  if (segments.length === 0) return (root) => root;
  if (segments.some(({ kind }) => kind === 'call' || kind === 'names'))
    return (root) => follow(segments, root, root)[0];
  return (root) => {
    let node: Json | undefined = root;
    for (const segment of segments) {
      if (segment.kind === 'name') node = memberOf(node, segment.name);
      else if (segment.kind === 'index') node = elementOf(node, segment.index);
      if (node === undefined) return undefined;
    }
    return node;
  };
}

/** Why a reference path cannot be written to; the engine makes `States.ResultPathMatchFailure` of it. */
export class ReferencePathError extends Error {
  override readonly name = 'ReferencePathError';
}

/** A compiled reference path: names and indices only, so that it can say where to write. */
export interface ReferencePath {
  readonly text: string;
  /**
   * A copy of `target` with `value` in its place; what lies beside the path is shared, missing objects on the
   * way are made.
   */
  write(target: Json, value: Json): Json;
}

/** Compiles a reference path; throws a `SyntaxError` where it is none. */
export function compileReferencePath(text: string): ReferencePath {
  if (!text.startsWith('$') || text.startsWith('$$') || VARIABLE.test(text))
    throw new SyntaxError(`a reference path starts with '$.': '${text}'`);
  const steps = parseSegments(text.slice(1)).map((segment) => {
    if (segment.kind === 'name') return segment.name;
    if (segment.kind === 'index' && segment.index >= 0) return segment.index;
    throw new SyntaxError(`a reference path names one place: '${text}'`);
  });
  return { text, write: (target, value) => writeAt(target, steps, value) };
}

function writeAt(target: Json | undefined, steps: readonly (string | number)[], value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  return typeof step === 'number'
    ? writeElement(target, { index: step, rest }, value)
    : writeMember(target, { name: step, rest }, value);
}

function writeElement(
  target: Json | undefined,
  { index, rest }: { index: number; rest: readonly (string | number)[] },
  value: Json,
): Json {
  if (!isArray(target) || index >= target.length)
    throw new ReferencePathError(`there is no element ${index}`);
  return target.with(index, writeAt(target[index], rest, value));
}

function writeMember(
  target: Json | undefined,
  { name, rest }: { name: string; rest: readonly (string | number)[] },
  value: Json,
): Json {
  if (target !== undefined && !isObject(target))
    throw new ReferencePathError(`'${name}' is to be written into something that is no object`);
  const written = writeAt(
    target !== undefined && Object.hasOwn(target, name) ? target[name] : undefined,
    rest,
    value,
  );
  const copy: Record<string, Json> = { ...target };
  setMember(copy, name, written);
  return copy;
}
