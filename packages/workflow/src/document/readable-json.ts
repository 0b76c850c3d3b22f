import { FORBIDDEN_KEYS, type Json, WORKFLOW_LIMITS } from '@statebag/contracts';

export const TOO_DEEP = `it is nested deeper than ${WORKFLOW_LIMITS.jsonDepth} levels`;

/** Whether a document has more levels than are allowed. Level by level instead of by recursion, which a deep document would break. */
export function isTooDeep(value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; depth <= WORKFLOW_LIMITS.jsonDepth && level.length > 0; depth += 1) level = level.flatMap(membersOf);
  return level.length > 0;
}

/** What is wrong with the keys of a document that is not too deep. */
export function forbiddenKeyIn(value: Json): string | undefined {
  for (let level: readonly Json[] = [value]; level.length > 0; level = level.flatMap(membersOf)) {
    const key = level.flatMap(keysOf).find((each) => FORBIDDEN_KEYS.has(each));
    if (key !== undefined) return notAllowed(key);
  }
  return undefined;
}

/** The same for JSON.parse. @throws SyntaxError */
export function refuseForbiddenKey(key: string, value: Json): Json {
  if (FORBIDDEN_KEYS.has(key)) throw new SyntaxError(notAllowed(key));
  return value;
}

function notAllowed(key: string): string {
  return `the key ${JSON.stringify(key)} is not allowed`;
}

function membersOf(value: Json): readonly Json[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function keysOf(value: Json): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
