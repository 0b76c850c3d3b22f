import type { KeptResource, KeptResources } from '../cloudformation/kept-resources.ts';
import { listOf, type Mapping, mappingOf } from '../iam/document.ts';
import { compilePolicy, type Statement } from '../iam/policy.ts';

/** All statements that say what a role may do. Undefined: no template has made it, so nothing limits it. */
export function policiesOfRole(roleArn: string, kept: KeptResources): readonly Statement[] | undefined {
  const name = roleArn.split('/').at(-1) ?? '';
  const role = kept.find('AWS::IAM::Role', name);
  if (role === undefined) return undefined;
  const documents = [...inline(role), ...managed(role, kept), ...attached(name, kept)];
  return documents.flatMap((document) => compilePolicy(document, 'identity'));
}

function inline({ properties }: KeptResource): readonly unknown[] {
  return listOf(properties['Policies']).map((policy) => mappingOf(policy, 'a policy')['PolicyDocument']);
}

/** Policies that name the role, wherever they are made. */
function attached(name: string, kept: KeptResources): readonly unknown[] {
  return [...kept.list('AWS::IAM::Policy'), ...kept.list('AWS::IAM::ManagedPolicy')]
    .filter(({ properties }) => listOf(properties['Roles']).includes(name))
    .map(({ properties }) => properties['PolicyDocument']);
}

function managed({ properties }: KeptResource, kept: KeptResources): readonly unknown[] {
  return listOf(properties['ManagedPolicyArns']).map((arn) => {
    const [name = ''] = String(arn).split('/').slice(-1);
    const own =
      kept.find('AWS::IAM::ManagedPolicy', String(arn)) ?? kept.find('AWS::IAM::ManagedPolicy', name);
    return own?.properties['PolicyDocument'] ?? allowing(MANAGED[name] ?? ['*']);
  });
}

function allowing(actions: readonly string[]): Mapping {
  return { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** Policies of AWS that functions often have. Any other one of AWS allows everything here. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  AWSLambdaBasicExecutionRole: LOGS,
  AWSXRayDaemonWriteAccess: TRACES,
  AWSXrayWriteOnlyAccess: TRACES,
  AWSLambdaSQSQueueExecutionRole: [
    ...LOGS,
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
  ],
  AmazonS3ReadOnlyAccess: ['s3:Get*', 's3:List*'],
  AmazonDynamoDBReadOnlyAccess: ['dynamodb:Get*', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:Describe*'],
};
