import { creationOrder, refuseUnresolved } from './dependencies.ts';
import type { Plain } from './document.ts';
import { invalid, malformed } from './errors.ts';
import { evaluateText, holds, type Scope } from './intrinsics.ts';
import { parameterValue } from './parameters.ts';
import type { Account } from './provider.ts';
import { hasAttribute } from './specification.ts';
import type { Existing, Stack, StackOutput } from './stack.ts';
import { readTemplate, type Template } from './template.ts';

/** A template with its parameters filled in, in a place. */
export interface Filled {
  readonly template: Template;
  /** Logical ids that there are to be, each after what it needs. */
  readonly order: readonly string[];
  readonly scope: Scope;
}

/** What a scope is made of. */
export interface ScopeSources {
  readonly stack: Pick<Stack, 'id' | 'name'>;
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly account: Pick<Account, 'account' | 'region' | 'ssm'>;
  /** What there is of a resource; undefined while it is not made. */
  existing(logicalId: string): Pick<Existing, 'physicalId' | 'attributes'> | undefined;
  exported(name: string): string | undefined;
}

/** Reads a template and makes it ready to be evaluated. */
export function fill(sources: ScopeSources): Filled {
  const template = readTemplate(sources.text);
  const scope = scopeOf(template, sources);
  const ids = Object.entries(template.resources)
    .filter(([, { condition }]) => condition === undefined || holds(condition, scope))
    .map(([id]) => id);
  refuseUnresolved(template, ids);
  return { template, order: creationOrder(template, ids), scope };
}

function scopeOf(template: Template, sources: ScopeSources): Scope {
  const { account, parameters, exported } = sources;
  const parameter = (name: string): string => readParameter(name, account);
  return {
    region: account.region,
    mappings: template.mappings,
    conditions: template.conditions,
    ref: (name) => {
      const text = parameters[name];
      if (text !== undefined) return parameterValue(template.parameters[name], text, parameter);
      return pseudoParameter(name, sources) ?? sources.existing(name)?.physicalId;
    },
    attribute: (id, name) => attributeOf(template, { id, name }, sources),
    imported: exported,
    resolved: (reference) => {
      const [, name] = /^ssm:([^:]+(?::\d+)?)$/.exec(reference) ?? [];
      if (name === undefined)
        throw invalid(
          `{{resolve:${reference}}} is a dynamic reference that the local cloud does not know; it knows ssm:`,
        );
      return parameter(name);
    },
  };
}

function readParameter(name: string, { ssm }: Pick<Account, 'ssm'>): string {
  const value = ssm.find(name);
  if (value === undefined)
    throw invalid(`Unable to fetch parameters [${name}] from parameter store for this account.`);
  return value;
}

function pseudoParameter(
  name: string,
  { stack, account: { account, region } }: ScopeSources,
): Plain | undefined {
  const values: Readonly<Record<string, Plain>> = {
    'AWS::AccountId': account,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': stack.id,
    'AWS::StackName': stack.name,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return values[name];
}

function attributeOf(
  template: Template,
  { id, name }: { readonly id: string; readonly name: string },
  { existing }: ScopeSources,
): Plain | undefined {
  const resource = template.resources[id];
  if (resource === undefined) return undefined;
  const value = existing(id)?.attributes[name];
  if (value !== undefined) return value;
  if (!hasAttribute(resource.type, name))
    throw malformed(`Resource ${id} does not support attribute type ${name} in Fn::GetAtt`);
  throw invalid(`${id}.${name} is an attribute that the local cloud does not give`);
}

/** The outputs of a template whose resources are all there. */
export function outputsOf({ template, scope }: Filled): StackOutput[] {
  return Object.entries(template.outputs)
    .filter(([, { condition }]) => condition === undefined || holds(condition, scope))
    .map(([key, { value, description, exportName }]) => ({
      key,
      value: evaluateText(value, scope),
      ...(description !== undefined && { description }),
      ...(exportName !== undefined && { exportName: evaluateText(exportName, scope) }),
    }));
}
