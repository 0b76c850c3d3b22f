import { isJsonObject, type Json } from '@statebag/contracts';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';

/** Room for what a node puts around an answer. */
const DEEPEST = WORKFLOW_LIMITS.jsonDepth - 20;

export type ForeignJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly complaint: string };

/**
 * JSON of somebody else, as a value that can be recorded. Half of a surrogate pair becomes U+FFFD, in values
 * and keys: the answer was paid for, and the half says nothing. What no record can hold (nesting over the
 * limit, a number beyond all numbers) is said, not repaired.
 */
export function foreignJson(text: string): ForeignJson {
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, complaint: 'it is not JSON' }; // the caller says so, and keeps the text
  }
  const complaint = problemOf(parsed, 0);
  return complaint === null ? { ok: true, value: wellFormed(parsed) } : { ok: false, complaint };
}

function problemOf(value: Json, depth: number): string | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : 'it holds a number larger than any number';
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEEPEST) return `it is nested deeper than ${DEEPEST}`;
  for (const member of Object.values(value)) {
    const problem = problemOf(member, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]),
  );
}
