import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = join(import.meta.dirname, '..', '..', 'packages', 'contracts', 'src', 'schemas');
/** Ids, times, addresses: written out wherever they stand, not referred to. */
const SCALARS = 'scalars.ts';

/**
 * What crosses a process boundary, by the name its validator and its JSON Schema get: every `<Name>Schema`
 * that a file of the folder exports. Whoever declares and exports one has nothing else to register.
 */
export const WIRE_SCHEMAS: Readonly<Record<string, object>> = await exportedSchemas();

async function exportedSchemas(): Promise<Record<string, object>> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && file !== SCALARS);
  const modules = await Promise.all(
    // a module is an object of what it exports
    files.map((file) => import(pathToFileURL(join(FOLDER, file)).href) as Promise<Record<string, unknown>>),
  );
  const schemas = modules.flatMap(Object.entries).flatMap(([name, schema]): [string, object][] => {
    const [, noun] = /^(.+)Schema$/.exec(name) ?? [];
    return noun !== undefined && typeof schema === 'object' && schema !== null ? [[noun, schema]] : [];
  });
  refuseTwins(schemas);
  return Object.fromEntries(schemas.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Parts are recognised by their text, so two names for one text would make every reference a guess. */
function refuseTwins(schemas: readonly [string, object][]): void {
  const names = new Map<string, string>();
  for (const [name, schema] of schemas) {
    const text = JSON.stringify(schema);
    const twin = names.get(text);
    if (twin !== undefined) throw new Error(`${twin}Schema and ${name}Schema are the same schema`);
    names.set(text, name);
  }
}

const NAME_OF = new Map(Object.entries(WIRE_SCHEMAS).map(([name, schema]) => [JSON.stringify(schema), name]));

/** Every part by name, each referring to the others by `<base><Name>`. */
export function partsReferringBy(base: string): Record<string, object> {
  return Object.fromEntries(
    Object.entries(WIRE_SCHEMAS).map(([name, schema]) => [name, membersWithReferences(schema, base)]),
  );
}

function membersWithReferences(schema: object, base: string): object {
  const members = Object.entries(schema).map(([key, member]) => [key, withReferences(member, base)]);
  return Object.fromEntries(members);
}

function withReferences(schema: unknown, base: string): unknown {
  if (Array.isArray(schema)) return schema.map((member) => withReferences(member, base));
  if (typeof schema !== 'object' || schema === null) return schema;
  const name = NAME_OF.get(JSON.stringify(schema));
  return name === undefined ? membersWithReferences(schema, base) : { $ref: `${base}${name}` };
}
