import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bundling } from './bundle.ts';
import type { FormationScope, ResourceNames } from './cloud-formation.ts';
import { type AppFunction, functionLogicalId, readFunction } from './read-function.ts';
import { DeployError, isPlainObject, type Plain, readTemplate, type TemplateScope } from './template.ts';

type Mapping = { readonly [name: string]: Plain };

/** One template of an app, read. */
export interface AppService {
  readonly file: string;
  readonly name: string;
  readonly scope: FormationScope;
  readonly functions: readonly AppFunction[];
  readonly bundling: Bundling;
  readonly resources: readonly AppResource[];
  readonly machines: readonly AppMachine[];
}

export interface AppResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Mapping;
}

export interface AppMachine {
  readonly key: string;
  /** Its logical id. */
  readonly id: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly definition: Plain;
  /** The role that its executions run under; one that the framework makes where nothing is said. */
  readonly role: Plain | undefined;
}

export interface ReadOptions extends Pick<TemplateScope, 'kept'> {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The templates of an app's functions. */
export function serviceTemplates(root: string): string[] {
  const services = join(root, 'services');
  const names = existsSync(services) ? readdirSync(services).sort() : [];
  return names.map((name) => join(services, name, 'serverless.yml')).filter((file) => existsSync(file));
}

/** The template of an app's state machines, where it has any. */
export function machineTemplates(root: string): string[] {
  return [join(root, 'stepfunctions', 'serverless.yml')].filter((file) => existsSync(file));
}

/** Reads one template. */
export async function readService(
  file: string,
  { stage, account, region, parameters, kept }: ReadOptions,
): Promise<AppService> {
  const template = await readTemplate(file, {
    stage,
    region,
    parameter: (name) => parameters[name],
    ...(kept !== undefined && { kept }),
  });
  const service = template['service'];
  if (typeof service !== 'string') throw new DeployError(`${file}: service is not a name`);
  const keys = Object.keys(mapping(template['functions']));
  const nameOf = (key: string): string =>
    String(mapping(mapping(template['functions'])[key])['name'] ?? `${service}-${stage}-${key}`);
  const resources = readResources(template);
  const context = {
    account,
    region,
    defaultName: (logicalId: string) => `${service}-${stage}-${logicalId.toLowerCase()}`,
  };
  const functionNames = keys.map(
    (key) => [functionLogicalId(key), namesOf('AWS::Lambda::Function', nameOf(key), context)] as const,
  );
  const machines = readMachines(template, service, stage);
  const machineNames = machines.map(
    ({ id, name }) => [id, namesOf('AWS::StepFunctions::StateMachine', name, context)] as const,
  );
  const resourceNames = resources.map(
    (resource) =>
      [resource.logicalId, namesOf(resource.type, physicalName(resource, context), context)] as const,
  );
  const scope: FormationScope = {
    file,
    account,
    region,
    names: new Map([...functionNames, ...machineNames, ...resourceNames]),
  };
  return {
    file,
    scope,
    resources,
    name: service,
    bundling: { folder: dirname(file), settings: esbuildSettings(template) },
    functions: keys.map((key) => readFunction(key, template, { name: nameOf(key), scope })),
    machines,
  };
}

/** What a resource is called; CloudFormation makes a name up where the template gives none. */
function physicalName(
  { type, logicalId, properties }: AppResource,
  { defaultName }: { defaultName(logicalId: string): string },
): string {
  const property = NAME_PROPERTY[type];
  const given = property === undefined ? undefined : properties[property];
  return typeof given === 'string' ? given : defaultName(logicalId);
}

const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::Rule': 'Name',
  'AWS::Events::EventBus': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SQS::Queue': 'QueueName',
};

/** What Ref and Fn::GetAtt give for a resource, type by type. */
function namesOf(
  type: string,
  name: string,
  { account, region }: { account: string; region: string },
): ResourceNames {
  const arns: Readonly<Record<string, string>> = {
    'AWS::Lambda::Function': `arn:aws:lambda:${region}:${account}:function:${name}`,
    'AWS::S3::Bucket': `arn:aws:s3:::${name}`,
    'AWS::DynamoDB::Table': `arn:aws:dynamodb:${region}:${account}:table/${name}`,
    'AWS::SQS::Queue': `arn:aws:sqs:${region}:${account}:${name}`,
    'AWS::Events::Rule': `arn:aws:events:${region}:${account}:rule/${name}`,
    'AWS::Events::EventBus': `arn:aws:events:${region}:${account}:event-bus/${name}`,
    'AWS::IAM::Role': `arn:aws:iam::${account}:role/${name}`,
    'AWS::Logs::LogGroup': `arn:aws:logs:${region}:${account}:log-group:${name}:*`,
  };
  const arn = arns[type];
  if (type === 'AWS::StepFunctions::StateMachine')
    return machineNamesOf(`arn:aws:states:${region}:${account}:stateMachine:${name}`, name);
  return { ref: name, attributes: arn === undefined ? {} : { Arn: arn } };
}

/** A machine is referred to by its ARN, unlike most. */
function machineNamesOf(arn: string, name: string): ResourceNames {
  return { ref: arn, attributes: { Arn: arn, Name: name } };
}

/** Resources stand in one mapping, or in a list of them. */
function readResources(template: Mapping): AppResource[] {
  const parts = template['resources'];
  const all = (Array.isArray(parts) ? parts : [parts]).map((part: Plain | undefined) =>
    mapping(mapping(part)['Resources']),
  );
  const resources: Mapping = Object.assign({}, ...all);
  return Object.entries(resources).map(([logicalId, resource]) => ({
    logicalId,
    type: String(mapping(resource)['Type']),
    properties: mapping(mapping(resource)['Properties']),
  }));
}

function readMachines(template: Mapping, service: string, stage: string): AppMachine[] {
  const machines = mapping(mapping(template['stepFunctions'])['stateMachines']);
  return Object.entries(machines).map(([key, machine]) => {
    const { id = key, name, type, definition, role } = mapping(machine);
    if (definition === undefined) throw new DeployError(`${service}: state machine ${key} has no definition`);
    return {
      key,
      id: String(id),
      name: typeof name === 'string' ? name : `${service}-${stage}-${key}`,
      type: type === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      definition,
      role,
    };
  });
}

function esbuildSettings(template: Mapping): Mapping | undefined {
  const settings = mapping(template['custom'])['esbuild'];
  return settings === undefined ? undefined : mapping(settings);
}

function mapping(value: Plain | undefined): Mapping {
  return isPlainObject(value) ? value : {};
}
