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

/** A state machine with its role, and what starts it. */
export function expandMachine({ id, properties }: ServerlessResource): Expanded {
  const {
    DefinitionUri: uri,
    Name: name,
    Type: type,
    Role: role,
    Logging: logging,
    Tracing: tracing,
    Tags: tags,
    Events: events,
    Policies: _policies,
    PermissionsBoundary: _boundary,
    RolePath: _path,
    PropagateTags: _propagate,
    UseAliasAsEventTarget: _target,
    AutoPublishAlias: alias,
    DeploymentPreference: _preference,
    ...rest
  } = properties;
  const made = {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: present({
      ...rest,
      ...definitionAt(id, uri),
      StateMachineName: name,
      StateMachineType: type,
      RoleArn: role ?? arnOf(`${id}Role`),
      LoggingConfiguration: logging,
      TracingConfiguration: tracing,
      Tags: tagList(tags),
    }),
  };
  const started = expandEvents(events, { id, kind: 'machine', arn: { Ref: id } });
  return {
    resources: {
      [id]: made,
      ...(role === undefined && { [`${id}Role`]: roleOf(id, 'states.amazonaws.com', properties) }),
      ...(alias !== undefined && published(id, alias)),
      ...started.resources,
    },
    routesOf: started.routesOf,
  };
}

function definitionAt(id: string, uri: Plain | undefined): Mapping {
  if (uri === undefined) return {};
  if (isMapping(uri) && uri['Bucket'] !== undefined)
    return { DefinitionS3Location: present({ Bucket: uri['Bucket'], Key: uri['Key'] }) };
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(String(uri)) ?? [];
  if (bucket !== undefined && key !== undefined)
    return { DefinitionS3Location: { Bucket: bucket, Key: key } };
  throw invalid(`${id}: DefinitionUri ${JSON.stringify(uri)} is not in S3; sam package puts it there`);
}

function published(id: string, alias: Plain): Generated {
  const versionId = `${id}Version`;
  return {
    [versionId]: {
      Type: 'AWS::StepFunctions::StateMachineVersion',
      Properties: {
        StateMachineArn: { Ref: id },
        StateMachineRevisionId: { 'Fn::GetAtt': [id, 'StateMachineRevisionId'] },
      },
    },
    [`${id}Alias${String(alias)}`]: {
      Type: 'AWS::StepFunctions::StateMachineAlias',
      Properties: {
        Name: alias,
        RoutingConfiguration: [{ StateMachineVersionArn: { Ref: versionId }, Weight: 100 }],
      },
    },
  };
}
