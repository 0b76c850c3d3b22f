import { compilePolicy } from '../../iam/policy.ts';
import { isMapping, listOf, type Mapping } from '../document.ts';
import { invalid } from '../errors.ts';
import { arnIn, type Provider } from '../provider.ts';
import { keptProvider } from './kept.ts';

const NAME = /^[\w+=,.@-]+$/;

/** @throws MalformedPolicyDocument */
function checkPolicy({ PolicyDocument: document }: Mapping): void {
  compilePolicy(document, 'identity');
}

export const iamRole: Provider = keptProvider('AWS::IAM::Role', {
  naming: { property: 'RoleName', most: 64 },
  check: ({ RoleName: name, AssumeRolePolicyDocument: trust, Policies: policies }) => {
    compilePolicy(trust, 'trust');
    for (const policy of listOf(policies)) checkPolicy(isMapping(policy) ? policy : {});
    if (typeof name === 'string' && !NAME.test(name))
      throw invalid(`The specified value for roleName is invalid: ${name}`);
  },
  attributes: (id, { Path: path = '/' }, account) => ({
    Arn: arnIn(account, 'iam', `role${path}${id}`),
    RoleId: `AROA${Buffer.from(id).toString('hex').toUpperCase().slice(0, 17)}`,
  }),
});

export const iamManagedPolicy: Provider = keptProvider('AWS::IAM::ManagedPolicy', {
  naming: { property: 'ManagedPolicyName', most: 128 },
  check: checkPolicy,
});

export const iamPolicy: Provider = keptProvider('AWS::IAM::Policy', {
  check: checkPolicy,
  attributes: (id) => ({ Id: id }),
});
