import { isMapping, listOf, type Mapping, type Plain } from '../document.ts';
import { statementsOf } from './policy-templates.ts';
import { present } from './serverless-resource.ts';

/** The role that SAM makes for a function or a machine that names none. */
export function roleOf(id: string, service: string, properties: Mapping): Mapping {
  const policies = listOf(properties['Policies']);
  return {
    Type: 'AWS::IAM::Role',
    Properties: present({
      AssumeRolePolicyDocument: properties['AssumeRolePolicyDocument'] ?? trust(service),
      ManagedPolicyArns: policies.filter(isManaged).map(policyArn),
      Policies: policies.flatMap((policy, index) => inlinePolicy(policy, `${id}RolePolicy${index}`)),
      PermissionsBoundary: properties['PermissionsBoundary'],
      Path: properties['RolePath'],
    }),
  };
}

export function trust(service: string): Mapping {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: [service] }, Action: ['sts:AssumeRole'] }],
  };
}

function isManaged(policy: Plain): boolean {
  return typeof policy === 'string' || (isMapping(policy) && /^(Ref|Fn::)/.test(onlyName(policy)));
}

function onlyName(policy: Mapping): string {
  const [name = '', ...more] = Object.keys(policy);
  return more.length === 0 ? name : '';
}

function policyArn(policy: Plain): Plain {
  if (typeof policy !== 'string' || policy.startsWith('arn:')) return policy;
  const folder = /^AWSLambda(Basic|VPC|SQS|DynamoDB|Kinesis)/.test(policy) ? 'service-role/' : '';
  return `arn:aws:iam::aws:policy/${folder}${policy}`;
}

function inlinePolicy(policy: Plain, name: string): Mapping[] {
  if (!isMapping(policy) || isManaged(policy)) return [];
  if (policy['Statement'] !== undefined) return [{ PolicyName: name, PolicyDocument: policy }];
  return [{ PolicyName: name, PolicyDocument: { Statement: statementsOf(policy) } }];
}
