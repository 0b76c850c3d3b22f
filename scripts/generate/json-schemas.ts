import { partsReferringBy, WIRE_SCHEMAS } from './wire-schemas.ts';

/** JSON Schemas of everything on the wire, for editors, OpenAPI and other languages. */
export function jsonSchemas(): [string, string][] {
  const $defs = partsReferringBy('#/$defs/');
  return Object.keys(WIRE_SCHEMAS).map((name) => {
    const reached = reachableFrom(name, $defs);
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: name,
      $ref: `#/$defs/${name}`,
      $defs: reached,
    };
    return [`docs/contracts/${kebab(name)}.schema.json`, `${JSON.stringify(schema, null, 1)}\n`];
  });
}

function reachableFrom(name: string, parts: Record<string, object>): Record<string, object> {
  const names = new Set<string>([name]);
  for (const reached of names)
    for (const [, next] of JSON.stringify(parts[reached]).matchAll(/"#\/\$defs\/(\w+)"/g))
      names.add(String(next));
  return Object.fromEntries([...names].sort().map((reached) => [reached, parts[reached] ?? {}]));
}

function kebab(name: string): string {
  return name.replaceAll(/(?!^)([A-Z])/g, '-$1').toLowerCase();
}
