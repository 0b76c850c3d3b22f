/**
 * Anything JSON can say. Values are immutable by convention: code shares subtrees and never writes into them.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; absent and `undefined` are the same to readers, and `undefined` is never written. */
export type JsonObject = { readonly [key: string]: Json };

/** Tells an object from a list, null or a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
