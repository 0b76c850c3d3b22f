import { isJsonObject, type Json } from '@statebag/contracts';
import { FORBIDDEN_KEYS } from '@statebag/contracts/control-fields';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import type { DiagnosticCode, Path } from './diagnostics.ts';

export const TOO_DEEP = `it is nested deeper than ${WORKFLOW_LIMITS.jsonDepth} levels`;

/** What makes a value one that JSON cannot carry unchanged, or that must not be in a document. */
export interface ValueProblem {
  readonly code: DiagnosticCode;
  readonly at: Path;
  readonly message: string;
}

/**
 * Whether a document has more levels than are allowed. Level by level instead of by recursion, which a deep
 * document would break.
 */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= WORKFLOW_LIMITS.jsonDepth && level.length > 0; depth += 1)
    level = level.flatMap(membersOf);
  return level.length > 0;
}

function membersOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** Every problem of a document that came as a value and is not too deep. */
export function valueProblems(value: Json, at: Path = []): readonly ValueProblem[] {
  if (typeof value === 'string')
    return value.isWellFormed() ? [] : [{ code: 'not-json', at, message: notWellFormed() }];
  if (typeof value === 'number') return numberProblems(value, at);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member, index) => valueProblems(member, [...at, index]));
  return Object.entries(value).flatMap(([key, member]) => [
    ...keyProblems(key, at),
    ...valueProblems(member, [...at, key]),
  ]);
}

function numberProblems(value: number, at: Path): readonly ValueProblem[] {
  const message = Number.isFinite(value) ? tooLargeNumber(String(value)) : notFinite(String(value));
  return message === undefined ? [] : [{ code: 'bad-number', at, message }];
}

function keyProblems(key: string, at: Path): readonly ValueProblem[] {
  if (FORBIDDEN_KEYS.has(key)) return [{ code: 'unreadable', at: [...at, key], message: notAllowed(key) }];
  return key.isWellFormed() ? [] : [{ code: 'not-json', at: [...at, key], message: notWellFormed() }];
}

const INTEGER = /^[-+]?\d+$/;

/** What is wrong with a number as it is written: an integer keeps its digits up to 2^53. */
export function tooLargeNumber(written: string): string | undefined {
  const value = Number(written);
  if (!Number.isFinite(value)) return `${excerpt(written)} is larger than any number that JSON readers keep`;
  if (!INTEGER.test(written) || Number.isSafeInteger(value)) return undefined;
  return `${excerpt(written)} is beyond 2^53: it would become ${BigInt(value)}`;
}

export function notFinite(written: string): string {
  return `${excerpt(written)} is no number that JSON has`;
}

export function notAllowed(key: string): string {
  return `the key ${JSON.stringify(key)} is not allowed`;
}

export function notWellFormed(): string {
  return 'half of a surrogate pair stands in the text, which no file can hold';
}

function excerpt(written: string): string {
  return written.length > 40 ? `${written.slice(0, 39)}…` : written;
}

/** What a value is, for a message that another one is needed: the beginning of it, where that is short. */
export function shownKind(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return isJsonObject(value) ? 'an object' : JSON.stringify(value).slice(0, 60);
}
