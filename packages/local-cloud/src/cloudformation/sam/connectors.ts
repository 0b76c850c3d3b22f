import { isMapping, listOf, type Mapping, type Plain } from '../document.ts';
import { invalid } from '../errors.ts';
import { arnOf, type Generated } from './serverless-resource.ts';

/** What a connector to a kind of resource allows, and on what below its ARN (AWS SAM connector reference, 2026-07). */
interface Reached {
  readonly Read?: readonly string[];
  readonly Write?: readonly string[];
  readonly below?: readonly string[];
}

const TABLE: Reached = {
  Read: ['GetItem', 'Query', 'Scan', 'BatchGetItem', 'ConditionCheckItem'].map((name) => `dynamodb:${name}`),
  Write: ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((name) => `dynamodb:${name}`),
  below: ['/index/*'],
};
const FUNCTION: Reached = { Write: ['lambda:InvokeFunction', 'lambda:InvokeAsync'] };
const MACHINE: Reached = {
  Read: ['DescribeStateMachine', 'ListExecutions', 'DescribeExecution', 'GetExecutionHistory'].map(
    (name) => `states:${name}`,
  ),
  Write: ['StartExecution', 'StartSyncExecution', 'StopExecution'].map((name) => `states:${name}`),
};

const REACHED: Readonly<Record<string, Reached>> = {
  'AWS::DynamoDB::Table': TABLE,
  'AWS::Serverless::SimpleTable': TABLE,
  'AWS::Lambda::Function': FUNCTION,
  'AWS::Serverless::Function': FUNCTION,
  'AWS::StepFunctions::StateMachine': MACHINE,
  'AWS::Serverless::StateMachine': MACHINE,
  'AWS::S3::Bucket': {
    Read: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:ListBucketVersions'],
    Write: ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:AbortMultipartUpload'],
    below: ['/*'],
  },
  'AWS::SQS::Queue': {
    Read: ['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'],
    Write: ['sqs:SendMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:PurgeQueue'],
  },
  'AWS::SNS::Topic': { Write: ['sns:Publish'] },
  'AWS::Events::EventBus': { Write: ['events:PutEvents'] },
};

/** Where the role of a resource stands that connectors begin at. */
const ROLE: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'Role',
  'AWS::Serverless::StateMachine': 'Role',
  'AWS::Lambda::Function': 'Role',
  'AWS::StepFunctions::StateMachine': 'RoleArn',
};

/** The policies that the connectors of a template come to, those inside of other resources included. */
export function connectorPolicies(resources: Mapping): Generated {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([id, resource]) =>
      connectorsOf(id, resource).map((each) => [`${each.id}Policy`, policyOf(each, resources)]),
    ),
  );
}

interface Connector {
  readonly id: string;
  readonly source: Plain;
  readonly destinations: readonly Plain[];
  readonly permissions: readonly Plain[];
}

function connectorsOf(id: string, resource: Plain): readonly Connector[] {
  if (!isMapping(resource)) return [];
  if (resource['Type'] === 'AWS::Serverless::Connector') return [connector(id, resource, {})];
  const { Connectors: inside } = resource;
  return Object.entries(isMapping(inside) ? inside : {}).map(([name, each]) =>
    connector(`${id}${name}`, each, { Id: id }),
  );
}

function connector(id: string, declared: Plain, around: Mapping): Connector {
  const properties = memberOf(declared, 'Properties');
  return {
    id,
    source: { ...around, ...memberOf(properties, 'Source') },
    destinations: listOf(properties['Destination']),
    permissions: listOf(properties['Permissions']),
  };
}

function memberOf(value: Plain | undefined, name: string): Mapping {
  const member = isMapping(value) ? value[name] : undefined;
  return isMapping(member) ? member : {};
}

function policyOf({ id, source, destinations, permissions }: Connector, resources: Mapping): Mapping {
  const Statement = destinations.flatMap((destination) =>
    statementOf(id, destination, permissions, resources),
  );
  const PolicyDocument = { Version: '2012-10-17', Statement };
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { PolicyDocument, Roles: [roleName(id, source, resources)] },
  };
}

function statementOf(
  id: string,
  destination: Plain,
  permissions: readonly Plain[],
  resources: Mapping,
): Mapping[] {
  const [to, { type, declared }] = [logicalId(destination), end(id, destination, resources)];
  const reached = REACHED[type];
  if (reached === undefined) throw notMade(id, `to ${type || to}`);
  const own = declared === undefined ? memberNamed(destination, 'Arn') : undefined;
  const arn = own ?? (type === 'AWS::SNS::Topic' ? { Ref: to } : arnOf(to));
  const Action = permissions.flatMap((each) =>
    each === 'Read' || each === 'Write' ? (reached[each] ?? []) : [],
  );
  const below = (reached.below ?? []).map((path) => ({ 'Fn::Join': ['', [arn, path]] }));
  const isMachine = reached === MACHINE;
  return [{ Effect: 'Allow', Action, Resource: isMachine ? [arn, executionsOf(arn)] : [arn, ...below] }];
}

/** `…:stateMachine:name` → `…:execution:name:*` */
function executionsOf(arn: Plain): Mapping {
  const parts = { 'Fn::Split': [':stateMachine:', arn] };
  const [place, name] = [0, 1].map((index) => ({ 'Fn::Select': [index, parts] }));
  return { 'Fn::Join': ['', [place ?? '', ':execution:', name ?? '', ':*']] };
}

/** The name of the role of what a connector begins at. */
function roleName(id: string, source: Plain, resources: Mapping): Plain {
  const [from, { type, declared }] = [logicalId(source), end(id, source, resources)];
  const given = memberNamed(source, 'RoleName');
  if (given !== undefined) return given;
  const place = ROLE[type];
  if (place === undefined) throw notMade(id, `from ${type || from}`);
  const role = memberOf(declared, 'Properties')[place];
  if (role === undefined) return { Ref: `${from}Role` };
  const attribute = isMapping(role) ? role['Fn::GetAtt'] : undefined;
  const [named] = typeof attribute === 'string' ? attribute.split('.') : listOf(attribute);
  return named === undefined ? { 'Fn::Select': [1, { 'Fn::Split': ['/', role] }] } : { Ref: named };
}

/** What a connector leads from or to: a resource of the template, or one that stands elsewhere. */
function end(id: string, named: Plain, resources: Mapping): { type: string; declared?: Plain } {
  const to = logicalId(named);
  if (to === '') return { type: String(memberNamed(named, 'Type') ?? '') };
  const declared = resources[to];
  if (!isMapping(declared)) throw invalid(`${id}: Unable to find resource with logical ID '${to}'`);
  return { type: String(declared['Type']), declared };
}

const logicalId = (named: Plain): string => String(memberNamed(named, 'Id') ?? '');

function memberNamed(value: Plain, name: string): Plain | undefined {
  return isMapping(value) ? value[name] : undefined;
}

function notMade(id: string, what: string) {
  return invalid(`${id} is a connector ${what}, which the local cloud does not make`);
}
