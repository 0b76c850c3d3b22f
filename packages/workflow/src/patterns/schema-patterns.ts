import { isJsonObject, type Json } from '@statebag/contracts';

/** A pattern in a JSON Schema, and the way to it. */
export interface SchemaPattern {
  readonly source: string;
  readonly at: readonly (string | number)[];
}

/** Keywords whose value is data, in which `pattern` is a word like any other. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);
/** Keywords whose members are schemas under names that the author chose: `pattern` may be one of them. */
const BY_NAME: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);

/** Every `pattern` and every key of `patternProperties`, however deep they lie. */
export function patternsIn(schema: Json, at: SchemaPattern['at'] = []): readonly SchemaPattern[] {
  if (Array.isArray(schema)) return schema.flatMap((member, index) => patternsIn(member, [...at, index]));
  if (!isJsonObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const here = [...at, key];
    if (DATA.has(key)) return [];
    if (key === 'pattern' && typeof value === 'string') return [{ source: value, at: here }];
    if (!BY_NAME.has(key) || !isJsonObject(value)) return patternsIn(value, here);
    return Object.entries(value).flatMap(([name, member]) => [
      ...(key === 'patternProperties' ? [{ source: name, at: [...here, name] }] : []),
      ...patternsIn(member, [...here, name]),
    ]);
  });
}

/** Whether checking against the schema may need a pattern; over-cautious where the word is data. */
export function mayHavePatterns(schema: Json): boolean {
  return /"pattern(?:Properties)?"/.test(JSON.stringify(schema));
}
