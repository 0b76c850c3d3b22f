import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/**
 * True for a schema that OpenAI's strict mode takes: every object closed, every property required. Another
 * one is asked for without it, and checked here all the same.
 */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' && isStrictEverywhere(schema);
}

function isStrictEverywhere(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.every(isStrictEverywhere);
  if (!isJsonObject(value)) return true;
  return isClosed(value) && Object.values(value).every(isStrictEverywhere);
}

function isClosed({ type, properties, additionalProperties, required }: JsonObject): boolean {
  if (type !== 'object' && !isJsonObject(properties)) return true;
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  return (
    additionalProperties === false &&
    Array.isArray(required) &&
    names.every((name) => required.includes(name))
  );
}
