import type { LocalCloud } from '../cloud/local-cloud.ts';
import { evaluate, evaluateText } from './cloud-formation.ts';
import { keepRole } from './function-roles.ts';
import type { AppResource, AppService } from './read-app.ts';
import { DeployError, isPlainObject, type Plain } from './template.ts';

/**
 * Makes one kind of resource exist as its template says; a resource that is there already stays. Gives its
 * name.
 */
type Deploy = (
  resource: AppResource,
  context: { readonly cloud: LocalCloud; readonly service: AppService },
) => Promise<string>;

const RESOURCES: Readonly<Record<string, Deploy>> = {
  'AWS::S3::Bucket': async ({ logicalId }, { cloud, service }) => {
    const name = nameOf(logicalId, service);
    if (!cloud.s3.hasBucket(name)) await cloud.s3.createBucket(name);
    return name;
  },
  'AWS::DynamoDB::Table': async ({ logicalId, properties }, { cloud, service }) => {
    const name = nameOf(logicalId, service);
    const tables = await cloud.items.call('ListTables', {});
    const exists =
      isPlainObject(tables) && Array.isArray(tables['TableNames']) && tables['TableNames'].includes(name);
    if (!exists) await cloud.items.call('CreateTable', tableInput(name, evaluate(properties, service.scope)));
    return name;
  },
  'AWS::SSM::Parameter': async ({ logicalId, properties }, { cloud, service }) => {
    const name = nameOf(logicalId, service);
    await cloud.ssm.provide(name, evaluateText(properties['Value'], service.scope) ?? '');
    return name;
  },
  'AWS::IAM::Role': async ({ logicalId, properties }, { cloud, service }) => {
    const name = nameOf(logicalId, service);
    keepRole(cloud.kept, name, mapping(evaluate(properties, service.scope)));
    return name;
  },
  'AWS::S3::BucketPolicy': async ({ properties }, { cloud, service }) => {
    const policy = mapping(evaluate(properties, service.scope));
    cloud.kept.put('AWS::S3::BucketPolicy', String(policy['Bucket']), policy);
    return String(policy['Bucket']);
  },
  'AWS::Events::Rule': async ({ logicalId, properties }, { cloud, service }) => {
    const evaluated = evaluate(properties, service.scope);
    const { Targets: targets, EventPattern: pattern, ...rule } = isPlainObject(evaluated) ? evaluated : {};
    const name = nameOf(logicalId, service);
    const input = {
      ...rule,
      Name: name,
      ...(pattern === undefined ? {} : { EventPattern: JSON.stringify(pattern) }),
    };
    await cloud.events.actions['PutRule']?.(input);
    if (targets !== undefined)
      await cloud.events.actions['PutTargets']?.({
        Rule: name,
        EventBusName: rule['EventBusName'],
        Targets: targets,
      });
    return name;
  },
};

/**
 * Kinds that are looked at elsewhere, or have no meaning on one machine: everything here is this machine's
 * user's own.
 */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::SQS::Queue',
  'AWS::StepFunctions::StateMachineAlias',
  'AWS::StepFunctions::StateMachineVersion',
]);

/**
 * What there is of a service's resources, by kind; `ignored` are kinds that have no meaning on one machine.
 */
export interface DeployedResources {
  readonly buckets: readonly string[];
  readonly tables: readonly string[];
  readonly parameters: readonly string[];
  readonly rules: readonly string[];
  readonly ignored: readonly string[];
}

/** Deploys the resources of one template. */
export async function deployResources(cloud: LocalCloud, service: AppService): Promise<DeployedResources> {
  const made: { readonly type: string; readonly name: string }[] = [];
  for (const resource of service.resources) {
    const deploy = RESOURCES[resource.type];
    if (deploy === undefined && !WITHOUT_MEANING.has(resource.type))
      throw new DeployError(
        `${service.file}: ${resource.logicalId} is of the type ${resource.type}, which the local cloud does not know`,
      );
    if (deploy !== undefined)
      made.push({ type: resource.type, name: await deploy(resource, { cloud, service }) });
  }
  const namesOf = (type: string): string[] =>
    made.filter((each) => each.type === type).map(({ name }) => name);
  return {
    buckets: namesOf('AWS::S3::Bucket'),
    tables: namesOf('AWS::DynamoDB::Table'),
    parameters: namesOf('AWS::SSM::Parameter'),
    rules: namesOf('AWS::Events::Rule'),
    ignored: service.resources
      .filter(({ type }) => RESOURCES[type] === undefined)
      .map(({ logicalId, type }) => `${logicalId} (${type})`),
  };
}

const TABLE_PROPERTIES = [
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];

/**
 * What CreateTable understands of a table's properties; point-in-time recovery and the like mean nothing
 * here.
 */
function tableInput(name: string, properties: Plain): object {
  const known = isPlainObject(properties)
    ? Object.entries(properties).filter(([property]) => TABLE_PROPERTIES.includes(property))
    : [];
  return { ...Object.fromEntries(known), TableName: name };
}

function mapping(value: Plain): Record<string, Plain> {
  return isPlainObject(value) ? value : {};
}

function nameOf(logicalId: string, { scope }: AppService): string {
  return evaluateText({ Ref: logicalId }, scope) ?? logicalId;
}
