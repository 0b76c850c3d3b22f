import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { FORBIDDEN_KEYS } from '@statebag/contracts/control-fields';
import { isFieldPointer, isStatePointer } from '@statebag/contracts/pointers';

/**
 * Objects are merged key by key, everything else is replaced by the newer value. A pointer is replaced whole.
 * What is not changed keeps its identity. For first-generation states and answers only.
 */
export function deepMerge(older: Json | undefined, newer: Json): Json {
  if (!isJsonObject(older) || !isJsonObject(newer) || isFieldPointer(older) || isStatePointer(older))
    return newer;
  return mergedObject(older, newer);
}

function mergedObject(older: JsonObject, newer: JsonObject): JsonObject {
  const changed: Record<string, Json> = {};
  for (const [key, value] of Object.entries(newer)) {
    if (FORBIDDEN_KEYS.has(key))
      throw new StatebagError(
        'Contract.EventRejected',
        `a state may not have the key ${JSON.stringify(key)}`,
      );
    const merged = deepMerge(own(older, key), value);
    if (merged !== own(older, key)) changed[key] = merged;
  }
  return Object.keys(changed).length === 0 ? older : { ...older, ...changed };
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
