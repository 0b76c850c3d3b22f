import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { RESOURCE_TYPES } from '@statebag/local-cloud/resource-types';

type Database = ReturnType<typeof loadAwsServiceSpecSync>;
type Properties = NonNullable<ReturnType<typeof resourceOf>>['properties'];
type PropertyType = Properties[string]['type'];

/** A property as the local cloud reads it: the text of its form, and whether a change of it replaces. */
interface Property {
  readonly form: Form;
  readonly required?: true;
  readonly replaces?: 'yes' | 'maybe';
}
type Form =
  | string
  | { readonly list: Form }
  | { readonly map: Form }
  | { readonly of: string }
  | { readonly any: readonly Form[] };

/**
 * What CloudFormation knows of the types that the local cloud provides, out of AWS's own specification: the
 * whole of that has 20 MB.
 */
export function resourceSpecification(): string {
  const database = loadAwsServiceSpecSync();
  const parts = new Map<string, Record<string, Property>>();
  const types = RESOURCE_TYPES.map((name) => {
    const resource = resourceOf(database, name);
    if (resource === undefined) throw new Error(`AWS's specification has no ${name}`);
    return [
      name,
      {
        properties: membersOf(resource.properties, { database, type: name, parts }),
        attributes: Object.keys(resource.attributes).sort(),
      },
    ] as const;
  });
  return `${JSON.stringify({ types: Object.fromEntries(types), parts: Object.fromEntries([...parts].sort()) })}\n`;
}

function resourceOf(database: Database, type: string) {
  return database.lookup('resource', 'cloudFormationType', 'equals', type)[0];
}

interface Reading {
  readonly database: Database;
  readonly type: string;
  readonly parts: Map<string, Record<string, Property>>;
}

function membersOf(properties: Properties, reading: Reading): Record<string, Property> {
  return Object.fromEntries(
    Object.entries(properties)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, { type, required, causesReplacement }]) => [
        name,
        {
          form: formOf(type, reading),
          ...(required === true && { required }),
          ...((causesReplacement === 'yes' || causesReplacement === 'maybe') && {
            replaces: causesReplacement,
          }),
        },
      ]),
  );
}

function formOf(type: PropertyType, reading: Reading): Form {
  if (type.type === 'array') return { list: formOf(type.element, reading) };
  if (type.type === 'map') return { map: formOf(type.element, reading) };
  if (type.type === 'union') return { any: type.types.map((each) => formOf(each, reading)) };
  if (type.type !== 'ref') return type.type;
  const { name, properties } = reading.database.get('typeDefinition', type.reference.$ref);
  const part = `${reading.type}.${name}`;
  if (!reading.parts.has(part)) {
    reading.parts.set(part, {}); // a part may hold itself
    reading.parts.set(part, membersOf(properties, reading));
  }
  return { of: part };
}
