import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { listOf, mappingsIn, type Template } from './template.ts';

/**
 * What CloudFormation knows of every kind of resource: AWS's own specification, as a package. It takes half a
 * second to read.
 */
let read: ReturnType<typeof loadAwsServiceSpecSync> | undefined;
function specification() {
  read ??= loadAwsServiceSpecSync();
  return read;
}

const kindOf = (type: string) => specification().lookup('resource', 'cloudFormationType', 'equals', type)[0];

type Properties = NonNullable<ReturnType<typeof kindOf>>['properties'];
type PropertyType = Properties[string]['type'];
type Of<Name extends PropertyType['type']> = Extract<PropertyType, { type: Name }>;

/**
 * Resources of a kind that there is, with properties that it has, those that it needs, and attributes that it
 * gives. A wrong one would only be found by deploying.
 */
export function resourceProblems(template: Template): string[] {
  const own = Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const kind = kindOf(Type);
    return kind
      ? membersProblems(Properties, kind.properties, id)
      : [`${id} is ${Type}, which CloudFormation does not know`];
  });
  return [...own, ...attributeProblems(template)];
}

function attributeProblems({ Resources, Outputs = {} }: Template): string[] {
  return mappingsIn([Resources, Outputs]).flatMap((mapping) => {
    if (!('Fn::GetAtt' in mapping)) return [];
    const [id = '', ...attribute] = listOf(mapping['Fn::GetAtt']).map(String);
    const type = Resources[id]?.Type;
    const kind = type === undefined ? undefined : kindOf(type);
    return kind === undefined || attribute.join('.') in kind.attributes
      ? []
      : [`${id} has no attribute ${attribute.join('.')}`];
  });
}

function membersProblems(value: unknown, properties: Properties, path: string): string[] {
  if (isFunction(value)) return [];
  if (!isMapping(value)) return [`${path} is no mapping`];
  const needed = Object.entries(properties).filter(
    ([name, { required }]) => required === true && !(name in value),
  );
  return [
    ...needed.map(([name]) => `${path} needs ${name}`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = properties[name];
      return known
        ? valueProblems(member, known.type, `${path}.${name}`)
        : [`${path} has no property ${name}`];
    }),
  ];
}

/** CloudFormation takes `"5"` for 5 and `"true"` for true. */
const isTexted = (form: RegExp) => (value: unknown, path: string) =>
  form.test(String(value)) ? [] : [`${path} is ${JSON.stringify(value)}`];
const isText = (value: unknown, path: string) => (typeof value === 'object' ? [`${path} is no text`] : []);
const isAnything = () => [];

const CHECKS: {
  readonly [Name in PropertyType['type']]: (value: unknown, path: string, type: Of<Name>) => string[];
} = {
  string: isText,
  'date-time': isText,
  number: isTexted(/^-?\d+(\.\d+)?$/),
  integer: isTexted(/^-?\d+$/),
  boolean: isTexted(/^(true|false)$/),
  json: isAnything,
  null: isAnything,
  tag: isAnything,
  array: (value, path, { element }) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => valueProblems(each, element, `${path}[${index}]`))
      : [`${path} is no list`],
  map: (value, path, { element }) =>
    isMapping(value)
      ? Object.entries(value).flatMap(([name, each]) => valueProblems(each, element, `${path}.${name}`))
      : [`${path} is no mapping`],
  ref: (value, path, { reference }) =>
    membersProblems(value, specification().get('typeDefinition', reference.$ref).properties, path),
  // Of several forms the one that fits best says what is wrong.
  union: (value, path, { types }) =>
    types
      .map((type) => valueProblems(value, type, path))
      .toSorted((one, other) => one.length - other.length)[0] ?? [],
};

function valueProblems(value: unknown, type: PropertyType, path: string): string[] {
  if (isFunction(value)) return [];
  // the key is the type's own
  const check = CHECKS[type.type] as (value: unknown, path: string, type: PropertyType) => string[];
  return check(value, path, type);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What CloudFormation works out itself. */
function isFunction(value: unknown): boolean {
  const [name = '', ...more] = isMapping(value) ? Object.keys(value) : [];
  return more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}
