import { dirname, resolve } from 'node:path';
import { DEFAULT_SETTINGS, type FunctionSettings } from '../lambda/function-config.ts';
import { evaluate, evaluateText, type FormationScope } from './cloud-formation.ts';
import type { FunctionRole } from './function-roles.ts';
import { DeployError, isPlainObject, type Plain } from './template.ts';

/** A function as its template describes it. */
export interface AppFunction {
  /** Its name in the template. */
  readonly key: string;
  readonly name: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
  readonly exportName: string;
  readonly memorySize: number;
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: FunctionSettings;
  readonly role: FunctionRole;
  /** The template's `events`, evaluated. */
  readonly events: readonly Plain[];
}

type Mapping = { readonly [name: string]: Plain };

/** Reads one function of a template. Defaults are those of the Serverless framework. */
export function readFunction(
  key: string,
  template: Mapping,
  { name, scope }: { name: string; scope: FormationScope },
): AppFunction {
  const provider = mapping(template['provider']);
  const definition = mapping(mapping(template['functions'])[key]);
  const [, module, exportName] = /^(.*)\.(\w+)$/.exec(String(definition['handler'])) ?? [];
  if (module === undefined || exportName === undefined)
    throw new DeployError(`${scope.file}: function ${key} has no handler of the form path.export`);
  const number = (setting: string, fallback: number): number =>
    Number(definition[setting] ?? provider[setting] ?? fallback);
  return {
    key,
    name,
    exportName,
    entry: resolve(dirname(scope.file), module),
    memorySize: number('memorySize', 1024),
    timeout: number('timeout', 6),
    environment: environmentOf(
      { ...mapping(provider['environment']), ...mapping(definition['environment']) },
      scope,
    ),
    settings: settingsOf(definition, { scope, number }),
    role: {
      name: String(definition['iamRoleStatementsName'] ?? name),
      statements: statementsOf(definition, provider).map((each) => evaluate(each, scope)),
    },
    events: list(evaluate(definition['events'] ?? [], scope)),
  };
}

function settingsOf(
  definition: Mapping,
  { scope, number }: { scope: FormationScope; number(setting: string, fallback: number): number },
): FunctionSettings {
  const destinations = mapping(definition['destinations']);
  const [onFailure, onSuccess] = [
    destinationArn(destinations['onFailure'], scope),
    destinationArn(destinations['onSuccess'], scope),
  ];
  return {
    maxConcurrency: number('reservedConcurrency', DEFAULT_SETTINGS.maxConcurrency),
    maximumRetryAttempts: number('maximumRetryAttempts', DEFAULT_SETTINGS.maximumRetryAttempts),
    maximumEventAgeSeconds: number('maximumEventAge', DEFAULT_SETTINGS.maximumEventAgeSeconds),
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(onSuccess === undefined ? {} : { onSuccess }),
  };
}

/** A destination is the ARN of anything, or the key of a function of the same template. */
function destinationArn(value: Plain | undefined, scope: FormationScope): string | undefined {
  const target = evaluateText(isPlainObject(value) && 'arn' in value ? value['arn'] : value, scope);
  if (target === undefined || target.startsWith('arn:')) return target;
  return evaluateText({ 'Fn::GetAtt': [functionLogicalId(target), 'Arn'] }, scope);
}

/** The logical id that the Serverless framework gives a function. */
export function functionLogicalId(key: string): string {
  const named = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}LambdaFunction`;
}

/** A function with statements of its own has the provider's only where it inherits them. */
function statementsOf(definition: Mapping, provider: Mapping): readonly Plain[] {
  const shared = list(mapping(mapping(provider['iam'])['role'])['statements'] ?? []);
  if (definition['iamRoleStatements'] === undefined) return shared;
  return [
    ...list(definition['iamRoleStatements']),
    ...(definition['iamRoleStatementsInherit'] === true ? shared : []),
  ];
}

function environmentOf(variables: Mapping, scope: FormationScope): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, evaluateText(value, scope) ?? '']),
  );
}

function mapping(value: Plain | undefined): Mapping {
  return isPlainObject(value) ? value : {};
}

function list(value: Plain): readonly Plain[] {
  return Array.isArray(value) ? value : [];
}
