import { isJsonObject } from './json.ts';

/**
 * What a cause says: Lambda reports `{ errorType, errorMessage, trace }` as text, and its errorMessage is the
 * message; anything else says it itself.
 */
export function causeText(cause: string): string {
  if (!cause.startsWith('{')) return cause;
  try {
    const document: unknown = JSON.parse(cause);
    const message = isJsonObject(document) ? document['errorMessage'] : undefined;
    return typeof message === 'string' ? message : cause;
  } catch (error) {
    if (error instanceof SyntaxError) return cause; // it only began like JSON
    throw error;
  }
}
