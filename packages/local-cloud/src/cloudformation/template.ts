import { isMapping, listOf, type Mapping, type Plain, parseDocument } from './document.ts';
import { invalid, malformed } from './errors.ts';
import { isResourceType, type ResourceType } from './resource-types.ts';
import { SERVERLESS_TRANSFORM, transformServerless } from './sam/transform.ts';

export interface Template {
  readonly description?: string;
  readonly parameters: Readonly<Record<string, Mapping>>;
  readonly mappings: Mapping;
  readonly conditions: Mapping;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
}

export interface TemplateResource {
  readonly type: ResourceType;
  readonly properties: Mapping;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly deletionPolicy: Policy;
  readonly updateReplacePolicy: Policy;
}

/** What becomes of a resource that its stack no longer has. */
export type Policy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface TemplateOutput {
  readonly value: Plain;
  readonly description?: string;
  readonly condition?: string;
  readonly exportName?: Plain;
}

const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Transform',
  'Resources',
  'Outputs',
  'Hooks',
];
/** Sections that change what a template means and that nothing here carries out. */
const NOT_CARRIED_OUT = ['Rules', 'Hooks'];
const RESOURCE_MEMBERS = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
];
/** Members that change how a resource is made or replaced, and that nothing here carries out. */
const MEMBERS_NOT_CARRIED_OUT = ['CreationPolicy', 'UpdatePolicy'];
const LIMITS = { Parameters: 200, Mappings: 200, Resources: 500, Outputs: 200 };

/** Reads a template and refuses what CloudFormation refuses before it does anything. */
export function readTemplate(text: string): Template {
  const document = transformed(parseTemplate(text));
  refuseSections(document);
  const resources = section(document, 'Resources');
  if (Object.keys(resources).length === 0) throw malformed('At least one Resources member must be defined.');
  const unknown = Object.values(resources)
    .map((resource) => (isMapping(resource) ? resource['Type'] : undefined))
    .filter((type) => typeof type === 'string' && !isResourceType(type));
  if (unknown.length > 0)
    throw malformed(`Unrecognized resource types: [${[...new Set(unknown)].sort().join(', ')}]`);
  const description = document['Description'];
  return {
    ...(typeof description === 'string' && { description }),
    parameters: entries(document, 'Parameters', (value, name) => requireMapping(value, `Parameters/${name}`)),
    mappings: section(document, 'Mappings'),
    conditions: section(document, 'Conditions'),
    resources: entries(document, 'Resources', readResource),
    outputs: entries(document, 'Outputs', readOutput),
  };
}

function parseTemplate(text: string): Mapping {
  try {
    const document = parseDocument(text);
    if (isMapping(document)) return document;
  } catch (cause) {
    throw malformed(`not well-formed: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  throw malformed('unsupported structure.');
}

/** @throws for a transform that nothing here carries out */
function transformed(document: Mapping): Mapping {
  const { Transform: wanted, ...rest } = document;
  if (wanted === undefined) return document;
  const other = listOf(wanted).find((name) => name !== SERVERLESS_TRANSFORM);
  if (other !== undefined)
    throw invalid(`Transform ${JSON.stringify(other)} is one that the local cloud does not carry out`);
  return transformServerless(rest);
}

function refuseSections(document: Mapping): void {
  const unknown = Object.keys(document).filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0) throw invalid(`Invalid template property or properties [${unknown.join(', ')}]`);
  const absent = NOT_CARRIED_OUT.find((name) => name in document);
  if (absent !== undefined) throw invalid(`${absent} is a section that the local cloud does not carry out`);
  for (const [name, most] of Object.entries(LIMITS)) {
    const count = Object.keys(section(document, name)).length;
    if (count > most)
      throw malformed(`Number of ${name.toLowerCase()}, ${count}, is greater than maximum allowed, ${most}`);
  }
}

function section(document: Mapping, name: string): Mapping {
  const value = document[name];
  return value === undefined || value === null ? {} : requireMapping(value, name);
}

function entries<Value>(
  document: Mapping,
  name: string,
  read: (value: Plain, id: string) => Value,
): Readonly<Record<string, Value>> {
  const all = Object.entries(section(document, name));
  const wrong = all.find(([id]) => !/^[A-Za-z0-9]{1,255}$/.test(id));
  if (wrong !== undefined) throw malformed(`${name} name ${wrong[0]} is non alphanumeric.`);
  return Object.fromEntries(all.map(([id, value]) => [id, read(value, id)]));
}

function readResource(value: Plain, id: string): TemplateResource {
  const resource = requireMapping(value, `Resources/${id}`);
  const absent = MEMBERS_NOT_CARRIED_OUT.find((name) => name in resource);
  if (absent !== undefined) throw invalid(`${id}: the local cloud does not carry out ${absent}`);
  const wrong = Object.keys(resource).find((name) => !RESOURCE_MEMBERS.includes(name));
  if (wrong !== undefined) throw invalid(`Invalid template resource property '${wrong}'`);
  const { Type: type, Condition: condition, Properties: properties = null } = resource;
  if (typeof type !== 'string' || !isResourceType(type))
    throw malformed(`[/Resources/${id}] Every Resources object must contain a Type member.`);
  return {
    type,
    properties: properties === null ? {} : requireMapping(properties, `Resources/${id}/Properties`),
    dependsOn: listOf(resource['DependsOn']).map(String),
    ...(typeof condition === 'string' && { condition }),
    deletionPolicy: policyOf(resource['DeletionPolicy'], `${id}.DeletionPolicy`),
    updateReplacePolicy: policyOf(resource['UpdateReplacePolicy'], `${id}.UpdateReplacePolicy`),
  };
}

function policyOf(value: Plain | undefined, place: string): Policy {
  if (value === undefined || value === 'Delete') return 'Delete';
  if (value === 'Retain' || value === 'RetainExceptOnCreate') return value;
  throw malformed(
    `Unrecognized ${place} ${JSON.stringify(value)}; the local cloud knows Delete, Retain and RetainExceptOnCreate`,
  );
}

function readOutput(value: Plain, id: string): TemplateOutput {
  const output = requireMapping(value, `Outputs/${id}`);
  const { Value, Description: description, Condition: condition, Export: exported } = output;
  if (Value === undefined || Value === null) throw malformed(`Output ${id} is malformed. Value is missing.`);
  return {
    value: Value,
    ...(typeof description === 'string' && { description }),
    ...(typeof condition === 'string' && { condition }),
    ...(isMapping(exported) && exported['Name'] !== undefined && { exportName: exported['Name'] }),
  };
}

function requireMapping(value: Plain, place: string): Mapping {
  if (isMapping(value)) return value;
  throw malformed(`[/${place}] every member must be an object.`);
}
