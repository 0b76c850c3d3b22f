import { decide } from '../../iam/evaluate.ts';
import { compilePolicy } from '../../iam/policy.ts';
import { invalid } from '../errors.ts';
import type { Account } from '../provider.ts';

/** @throws unless there is such a role, and the service may assume it */
export function requireTrust(roleArn: string, service: string, { kept, account }: Account): void {
  const role = kept.find('AWS::IAM::Role', roleArn.split('/').at(-1) ?? '');
  const trust = compilePolicy(role?.properties['AssumeRolePolicyDocument'] ?? {}, 'trust');
  const asked = { action: 'sts:AssumeRole', resource: roleArn, context: { 'aws:sourceaccount': account } };
  if (!decide({ kind: 'service', name: service }, asked, { resource: trust }).allowed)
    throw invalid(`The role ${roleArn} cannot be assumed by ${service}.`);
}
