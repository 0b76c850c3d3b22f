import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';

/** Every node of a document, those inside of others included: whatever has an id, a type and a config. */
function* nodesIn(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) for (const each of value) yield* nodesIn(each);
  if (!isJsonObject(value)) return;
  if (typeof value['id'] === 'string' && typeof value['type'] === 'string') yield value;
  for (const each of Object.values(value)) yield* nodesIn(each);
}

export function typesOfNodes(workflow: JsonObject): ReadonlyMap<string, string> {
  return new Map([...nodesIn(workflow)].map(({ id, type }) => [String(id), String(type)]));
}

/** What nodes say that their answers are. */
export function responseSchemas(workflow: JsonObject): ReadonlyMap<string, readonly Json[]> {
  return new Map(
    [...nodesIn(workflow)].flatMap(({ id, config }) => {
      const schema = isJsonObject(config ?? null) ? (config as JsonObject)['response_schema'] : undefined;
      return schema === undefined ? [] : [[String(id), [schema]] as const];
    }),
  );
}

/** Lists whose items are an upload. */
export function nodesWithUploads(workflow: JsonObject): readonly string[] {
  return [...nodesIn(workflow)].flatMap(({ id, type, config }) =>
    type === 'for_each' && isJsonObject(config ?? null) && 'upload' in (config as JsonObject)
      ? [String(id)]
      : [],
  );
}
