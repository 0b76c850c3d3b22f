import { createHash } from 'node:crypto';
import { isMapping, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';
import { expandEvents } from './events.ts';
import { roleOf } from './roles.ts';
import {
  arnOf,
  type Expanded,
  type Generated,
  present,
  type ServerlessResource,
  tagList,
} from './serverless-resource.ts';

/** A function with its role, versions, and what starts it. */
export function expandFunction({ id, properties }: ServerlessResource): Expanded {
  const { own, rest } = splitOf(properties);
  const alias = own['AutoPublishAlias'];
  if (own['FunctionUrlConfig'] !== undefined)
    throw invalid(`${id}: FunctionUrlConfig is something that the local cloud does not serve`);
  const made = {
    Type: 'AWS::Lambda::Function',
    Properties: present({
      ...rest,
      Code: codeOf(id, own),
      Role: own['Role'] ?? arnOf(`${id}Role`),
      DeadLetterConfig: deadLetters(own['DeadLetterQueue']),
      TracingConfig: own['Tracing'] === undefined ? undefined : { Mode: own['Tracing'] },
      Tags: tagList(own['Tags']),
    }),
  };
  const published = alias === undefined ? undefined : publish(id, alias, made.Properties);
  const target = published === undefined ? arnOf(id) : { Ref: published.aliasId };
  const events = expandEvents(own['Events'], { id, kind: 'function', arn: target });
  return {
    resources: {
      [id]: made,
      ...(own['Role'] === undefined && { [`${id}Role`]: roleOf(id, 'lambda.amazonaws.com', own) }),
      ...published?.resources,
      ...invokeConfig(id, own['EventInvokeConfig'], alias ?? '$LATEST'),
      ...events.resources,
    },
    routesOf: events.routesOf,
    ...(published !== undefined && { names: published.names }),
  };
}

/** What means something to SAM; all else is CloudFormation's. */
const OWN = [
  'CodeUri',
  'InlineCode',
  'ImageUri',
  'Policies',
  'Role',
  'RolePath',
  'PermissionsBoundary',
  'AssumeRolePolicyDocument',
  'Events',
  'AutoPublishAlias',
  'AutoPublishAliasAllProperties',
  'AutoPublishCodeSha256',
  'DeploymentPreference',
  'VersionDescription',
  'VersionDeletionPolicy',
  'EventInvokeConfig',
  'ProvisionedConcurrencyConfig',
  'PropagateTags',
  'FunctionUrlConfig',
  'DeadLetterQueue',
  'Tracing',
  'Tags',
];

function splitOf(properties: Mapping): { readonly own: Mapping; readonly rest: Mapping } {
  const entries = Object.entries(properties);
  return {
    own: Object.fromEntries(entries.filter(([name]) => OWN.includes(name))),
    rest: Object.fromEntries(entries.filter(([name]) => !OWN.includes(name))),
  };
}

function codeOf(id: string, { CodeUri: uri, InlineCode: text, ImageUri: image }: Mapping): Mapping {
  if (image !== undefined) return { ImageUri: image };
  if (text !== undefined) return { ZipFile: text };
  if (isMapping(uri) && uri['Bucket'] !== undefined)
    return present({ S3Bucket: uri['Bucket'], S3Key: uri['Key'], S3ObjectVersion: uri['Version'] });
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(String(uri)) ?? [];
  if (bucket !== undefined && key !== undefined) return { S3Bucket: bucket, S3Key: key };
  throw invalid(`${id}: CodeUri ${JSON.stringify(uri ?? null)} is not in S3; sam package puts it there`);
}

function deadLetters(queue: Plain | undefined): Mapping | undefined {
  return isMapping(queue) && queue['TargetArn'] !== undefined ? { TargetArn: queue['TargetArn'] } : undefined;
}

/** A version for each change of the function, and the alias that leads to it. */
function publish(id: string, alias: Plain, properties: Mapping) {
  if (typeof alias !== 'string') throw invalid(`${id}: AutoPublishAlias must be a text`);
  const hash = createHash('sha256').update(JSON.stringify(properties)).digest('hex').slice(0, 10);
  const [versionId, aliasId] = [`${id}Version${hash}`, `${id}Alias${alias}`];
  const resources: Generated = {
    [versionId]: {
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'Retain',
      Properties: { FunctionName: { Ref: id } },
    },
    [aliasId]: {
      Type: 'AWS::Lambda::Alias',
      Properties: {
        Name: alias,
        FunctionName: { Ref: id },
        FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
      },
    },
  };
  return { aliasId, resources, names: { [`${id}.Alias`]: aliasId, [`${id}.Version`]: versionId } };
}

function invokeConfig(id: string, config: Plain | undefined, qualifier: Plain): Generated {
  if (!isMapping(config)) return {};
  const destinations = isMapping(config['DestinationConfig']) ? config['DestinationConfig'] : {};
  const destination = (name: string): Mapping | undefined => {
    const given = destinations[name];
    return isMapping(given) && given['Destination'] !== undefined
      ? { Destination: given['Destination'] }
      : undefined;
  };
  const properties = present({
    FunctionName: { Ref: id },
    Qualifier: qualifier,
    MaximumEventAgeInSeconds: config['MaximumEventAgeInSeconds'],
    MaximumRetryAttempts: config['MaximumRetryAttempts'],
    DestinationConfig: present({
      OnFailure: destination('OnFailure'),
      OnSuccess: destination('OnSuccess'),
    }),
  });
  return { [`${id}EventInvokeConfig`]: { Type: 'AWS::Lambda::EventInvokeConfig', Properties: properties } };
}
