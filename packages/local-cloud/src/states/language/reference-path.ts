import { isArray, isObject, type Json, setMember } from './json.ts';
import { parseSegments } from './path-syntax.ts';

/** Why a reference path cannot be written to; the engine makes `States.ResultPathMatchFailure` of it. */
export class ReferencePathError extends Error {
  override readonly name = 'ReferencePathError';
}

/** A compiled reference path: names and indices only, so that it can say where to write. */
export interface ReferencePath {
  readonly text: string;
  /** A copy of `target` with `value` in its place; what lies beside the path is shared, missing objects on the way are made. */
  write(target: Json, value: Json): Json;
}

/** Compiles a reference path; throws a `SyntaxError` where it is none. */
export function compileReferencePath(text: string): ReferencePath {
  if (!text.startsWith('$') || text.startsWith('$$')) throw new SyntaxError(`a reference path starts with '$.': '${text}'`);
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
  return typeof step === 'number' ? writeElement(target, { index: step, rest }, value) : writeMember(target, { name: step, rest }, value);
}

function writeElement(target: Json | undefined, { index, rest }: { index: number; rest: readonly (string | number)[] }, value: Json): Json {
  if (!isArray(target) || index >= target.length) throw new ReferencePathError(`there is no element ${index}`);
  return target.with(index, writeAt(target[index], rest, value));
}

function writeMember(target: Json | undefined, { name, rest }: { name: string; rest: readonly (string | number)[] }, value: Json): Json {
  if (target !== undefined && !isObject(target)) throw new ReferencePathError(`'${name}' is to be written into something that is no object`);
  const written = writeAt(target !== undefined && Object.hasOwn(target, name) ? target[name] : undefined, rest, value);
  const copy: Record<string, Json> = { ...target };
  setMember(copy, name, written);
  return copy;
}
