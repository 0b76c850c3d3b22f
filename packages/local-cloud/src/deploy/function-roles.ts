import type { KeptResources } from '../cloudformation/kept-resources.ts';
import { compilePolicy } from '../iam/policy.ts';
import { isPlainObject, type Plain } from './template.ts';

type Mapping = { readonly [name: string]: Plain };

/** What a template says of the role of a function. */
export interface FunctionRole {
  readonly name: string;
  readonly statements: readonly Plain[];
}

/** Makes the role of a function what its template says, and gives its ARN. */
export function keepFunctionRole(
  kept: KeptResources,
  account: string,
  { name, statements }: FunctionRole,
): string {
  keepRole(kept, name, {
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    },
    Policies: [{ PolicyName: name, PolicyDocument: { Statement: [...statements] } }],
  });
  return `arn:aws:iam::${account}:role/${name}`;
}

/** Keeps a role. What stays as it is makes nobody read it anew. @throws MalformedPolicyDocument */
export function keepRole(kept: KeptResources, name: string, properties: Mapping): void {
  const known = kept.find('AWS::IAM::Role', name);
  if (JSON.stringify(known?.properties) === JSON.stringify(properties)) return;
  const { Policies: policies } = properties;
  for (const policy of Array.isArray(policies) ? policies : [])
    compilePolicy(isPlainObject(policy) ? policy['PolicyDocument'] : policy, 'identity');
  kept.put('AWS::IAM::Role', name, properties);
}
