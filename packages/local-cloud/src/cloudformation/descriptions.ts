import type { QueryOutput } from '../gateway/query-service.ts';
import type { Change, ChangeSet, Stack, StackEvent, StackResource, StackWish } from './stack.ts';
import { readTemplate } from './template.ts';

type Structure = { readonly [name: string]: QueryOutput };

const time = (at: number): string => new Date(at).toISOString();
const timeIf = (at: number | undefined): string | undefined => (at === undefined ? undefined : time(at));

/** A stack as DescribeStacks shows it. */
export function describeStack(stack: Stack): Structure {
  return {
    ...summarizeStack(stack),
    Description: readDescription(stack.wish),
    Parameters: parametersOf(stack.wish),
    Capabilities: [...stack.wish.capabilities],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    Tags: tagsOf(stack.wish),
    NotificationARNs: [],
    DisableRollback: false,
    EnableTerminationProtection: false,
    RollbackConfiguration: {},
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

/** A stack as ListStacks shows it. */
export function summarizeStack({
  id,
  name,
  status,
  reason,
  createdAt,
  updatedAt,
  deletedAt,
}: Stack): Structure {
  return {
    StackId: id,
    StackName: name,
    StackStatus: status,
    StackStatusReason: reason,
    CreationTime: time(createdAt),
    LastUpdatedTime: timeIf(updatedAt),
    DeletionTime: timeIf(deletedAt),
  };
}

function readDescription({ template }: StackWish): string | undefined {
  return template === '' ? undefined : readTemplate(template).description;
}

function parametersOf({ parameters }: StackWish): QueryOutput {
  return Object.entries(parameters).map(([name, value]) => ({ ParameterKey: name, ParameterValue: value }));
}

function tagsOf({ tags }: StackWish): QueryOutput {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/** A resource, as the calls that list resources show it. */
export function describeResource(
  { id, name }: Stack,
  { logicalId, physicalId, type, status, reason, updatedAt }: StackResource,
): Structure {
  return {
    StackName: name,
    StackId: id,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: status,
    ResourceStatusReason: reason,
    Timestamp: time(updatedAt),
    LastUpdatedTimestamp: time(updatedAt),
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  };
}

export function describeEvent(event: StackEvent): Structure {
  return {
    StackId: event.stackId,
    EventId: event.id,
    StackName: event.stackName,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: time(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason,
  };
}

/** A change set as DescribeChangeSet shows it. */
export function describeChangeSet(changeSet: ChangeSet, stack: Stack): Structure {
  return {
    ...summarizeChangeSet(changeSet, stack),
    Parameters: parametersOf(changeSet.wish),
    Capabilities: [...changeSet.wish.capabilities],
    Tags: tagsOf(changeSet.wish),
    NotificationARNs: [],
    Changes: changeSet.changes.map(describeChange),
  };
}

export function summarizeChangeSet(changeSet: ChangeSet, stack: Stack): Structure {
  const available = changeSet.status === 'CREATE_COMPLETE' && !changeSet.executed;
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: stack.id,
    StackName: stack.name,
    Status: changeSet.status,
    StatusReason: changeSet.reason,
    ExecutionStatus: changeSet.executed ? 'EXECUTE_COMPLETE' : available ? 'AVAILABLE' : 'UNAVAILABLE',
    CreationTime: time(changeSet.createdAt),
  };
}

function describeChange({ action, logicalId, type, physicalId, replaces, properties }: Change): Structure {
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: action,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      Replacement: replaces === undefined ? undefined : replaces ? 'True' : 'False',
      Scope: properties.length === 0 ? [] : ['Properties'],
      Details: properties.map((name) => ({
        Target: {
          Attribute: 'Properties',
          Name: name,
          RequiresRecreation: replaces === true ? 'Conditionally' : 'Never',
        },
        Evaluation: 'Static',
        ChangeSource: 'DirectModification',
      })),
    },
  };
}

/** What ValidateTemplate and GetTemplateSummary say of a template. */
export function summarizeTemplate(text: string): Structure {
  const template = readTemplate(text);
  const types = [...new Set(Object.values(template.resources).map(({ type }) => type))].sort();
  const needed = neededCapability(text);
  return {
    Description: template.description,
    Parameters: Object.entries(template.parameters).map(([name, declared]) => ({
      ParameterKey: name,
      ParameterType: String(declared['Type']),
      DefaultValue: declared['Default'] === undefined ? undefined : String(declared['Default']),
      NoEcho: declared['NoEcho'] === true || declared['NoEcho'] === 'true',
      Description: declared['Description'] === undefined ? undefined : String(declared['Description']),
    })),
    Capabilities: needed === undefined ? [] : [needed],
    CapabilitiesReason:
      needed === undefined ? undefined : 'The following resource(s) require capabilities: [AWS::IAM::Role]',
    ResourceTypes: types,
    Version: '2010-09-09',
  };
}

/** What must be acknowledged before a template may make roles and policies. */
export function neededCapability(text: string): 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | undefined {
  const identities = Object.values(readTemplate(text).resources).filter(({ type }) =>
    type.startsWith('AWS::IAM::'),
  );
  if (identities.length === 0) return undefined;
  const named = identities.some(
    ({ properties }) => properties['RoleName'] !== undefined || properties['ManagedPolicyName'] !== undefined,
  );
  return named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
}
