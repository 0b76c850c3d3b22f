import { isMapping, listOf, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';
import { httpApi, implicitApis, restApi } from './apis.ts';
import { connectorPolicies } from './connectors.ts';
import { expandFunction } from './functions.ts';
import { mergeGlobals } from './globals.ts';
import { expandMachine } from './machines.ts';
import type { Expanded, Generated, ServerlessResource } from './serverless-resource.ts';
import { expandTable } from './tables.ts';

/** The name by which a template asks for this. */
export const SERVERLESS_TRANSFORM = 'AWS::Serverless-2016-10-31';

type Expand = (resource: ServerlessResource) => Expanded;

const EXPANDERS: Readonly<Record<string, Expand>> = {
  'AWS::Serverless::Function': expandFunction,
  'AWS::Serverless::StateMachine': expandMachine,
  'AWS::Serverless::SimpleTable': expandTable,
  'AWS::Serverless::Api': restApi,
  'AWS::Serverless::HttpApi': httpApi,
  // connectorPolicies makes it
  'AWS::Serverless::Connector': () => ({ resources: {} }),
};

/**
 * A template of SAM as the template of CloudFormation that it stands for. Logical ids of what is generated
 * are those that SAM gives, as other parts of the template refer to them.
 */
export function transformServerless(document: Mapping): Mapping {
  const { Transform: _, Globals: globals, Resources: declared, ...rest } = document;
  const resources = isMapping(declared) ? declared : {};
  const expanded = Object.entries(resources).map(([id, resource]) =>
    expand(id, resource, isMapping(globals) ? globals : {}),
  );
  const own = expanded.map((each) => each.resources);
  const implicit = implicitApis(
    expanded.flatMap(({ routesOf = [] }) => routesOf),
    Object.keys(resources),
  );
  const renamed = Object.assign({}, ...expanded.map(({ names = {} }) => names));
  const all: Mapping = {
    ...rest,
    Resources: Object.assign({}, ...own, implicit, connectorPolicies(resources)),
  };
  return Object.keys(renamed).length === 0 ? all : withNames(all, renamed);
}

function expand(id: string, declared: Plain, globals: Mapping): Expanded {
  const type = isMapping(declared) ? String(declared['Type']) : '';
  if (!isMapping(declared)) return { resources: { [id]: declared } };
  if (!type.startsWith('AWS::Serverless::')) return { resources: { [id]: withoutConnectors(declared) } };
  const run = EXPANDERS[type];
  if (run === undefined)
    throw invalid(`${id} is an ${type}, which the local cloud does not make out of a template of SAM`);
  const { Properties: given } = declared;
  const attributes = Object.fromEntries(
    Object.entries(declared).filter(([name]) => ATTRIBUTES.includes(name)),
  );
  const properties = mergeGlobals(
    type.slice('AWS::Serverless::'.length),
    globals,
    isMapping(given) ? given : {},
  );
  const expanded = run({ id, properties, condition: declared['Condition'] });
  return { ...expanded, resources: withAttributes(id, expanded.resources, attributes) };
}

/** Attributes of resources that SAM hands on; others, as `Description`, it leaves out. */
const ATTRIBUTES = ['DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy'];

function withoutConnectors({ Connectors: _, ...declared }: Mapping): Mapping {
  return declared;
}

/** The resource itself has all attributes; what comes with it is there under the same condition. */
function withAttributes(id: string, resources: Generated, attributes: Mapping): Generated {
  const { Condition: condition } = attributes;
  const shared = condition === undefined ? {} : { Condition: condition };
  return Object.fromEntries(
    Object.entries(resources).map(([name, resource]) => [
      name,
      isMapping(resource) ? { ...resource, ...(name === id ? attributes : shared) } : resource,
    ]),
  );
}

/** `Ref: Fn.Alias` and the like are names that only SAM knows. */
function withNames(value: Mapping, names: Readonly<Record<string, string>>): Mapping {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, renamed(each, names, name)]));
}

function renamed(value: Plain, names: Readonly<Record<string, string>>, under: string): Plain {
  if (typeof value === 'string' && under === 'Ref') return names[value] ?? value;
  if (typeof value === 'string' && under === 'Fn::Sub')
    return value.replace(/\$\{([\w.]+)\}/g, (whole, name: string) =>
      names[name] === undefined ? whole : `\${${names[name]}}`,
    );
  if (Array.isArray(value)) {
    const inner = under === 'Fn::Sub' ? under : '';
    return listOf(value).map((each) => renamed(each, names, inner));
  }
  return isMapping(value) ? withNames(value, names) : value;
}
