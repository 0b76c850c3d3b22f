// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policies have variables of this form
import { describe, expect, test } from '@jest/globals';
import { decide } from './evaluate.ts';
import type { RequestContext } from './patterns.ts';
import { compilePolicy, type Principal } from './policy.ts';

const ACCOUNT = '111122223333';
const ROLE: Principal = {
  kind: 'role',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:role/runner`,
  session: 'run',
};
const OWNER: Principal = { kind: 'owner', account: ACCOUNT };
const EVENTS: Principal = { kind: 'service', name: 'events.amazonaws.com' };
const GET = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/runs/*' };

type Given = Readonly<Record<string, unknown>>;

function allowed(
  statements: readonly Given[],
  action: string,
  resource: string,
  context: RequestContext = {},
): boolean {
  const identity = compilePolicy({ Statement: statements }, 'identity');
  return decide(ROLE, { action, resource, context }, { identity }).allowed;
}

describe('what a statement covers', () => {
  test.each([
    ['its action on its resource', GET, 's3:GetObject', 'arn:aws:s3:::b/runs/x', true],
    ['not another action', GET, 's3:PutObject', 'arn:aws:s3:::b/runs/x', false],
    ['not another resource', GET, 's3:GetObject', 'arn:aws:s3:::b/uploads/x', false],
    [
      'actions whatever their case',
      { ...GET, Action: 'S3:getobject' },
      's3:GetObject',
      'arn:aws:s3:::b/runs/x',
      true,
    ],
    ['resources only in their case', GET, 's3:GetObject', 'arn:aws:s3:::b/Runs/x', false],
    ['a star in an action', { ...GET, Action: 's3:Get*' }, 's3:GetObject', 'arn:aws:s3:::b/runs/x', true],
    [
      'a question mark',
      { ...GET, Resource: 'arn:aws:s3:::b/run?/*' },
      's3:GetObject',
      'arn:aws:s3:::b/runs/x',
      true,
    ],
    [
      'a point as a point',
      { ...GET, Resource: 'arn:aws:s3:::b.c/*' },
      's3:GetObject',
      'arn:aws:s3:::bxc/x',
      false,
    ],
    [
      'one of several actions',
      { ...GET, Action: ['s3:PutObject', 's3:GetObject'] },
      's3:GetObject',
      'arn:aws:s3:::b/runs/x',
      true,
    ],
    [
      'all but NotAction',
      { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
      's3:GetObject',
      'arn:aws:s3:::b/x',
      true,
    ],
    [
      'not what NotAction names',
      { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
      'iam:PassRole',
      'arn:aws:iam::1:role/x',
      false,
    ],
    [
      'all but NotResource',
      { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::b/secret/*' },
      's3:GetObject',
      'arn:aws:s3:::b/x',
      true,
    ],
    [
      'not what NotResource names',
      { Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::b/secret/*' },
      's3:GetObject',
      'arn:aws:s3:::b/secret/x',
      false,
    ],
    [
      'a star that ends with its part',
      { ...GET, Action: '*', Resource: 'arn:aws:lambda:*:111122223333:function:f' },
      'lambda:InvokeFunction',
      'arn:aws:lambda:eu:west:111122223333:function:f',
      false,
    ],
    [
      'a version under a star',
      { ...GET, Action: '*', Resource: 'arn:aws:lambda:*:*:function:f:*' },
      'lambda:InvokeFunction',
      'arn:aws:lambda:eu-west-1:1:function:f:12',
      true,
    ],
    [
      'not the function under a star for versions',
      { ...GET, Action: '*', Resource: 'arn:aws:lambda:*:*:function:f:*' },
      'lambda:InvokeFunction',
      'arn:aws:lambda:eu-west-1:1:function:f',
      false,
    ],
  ])('%s', (_, statement, action, resource, expected) =>
    expect(allowed([statement], action, resource)).toBe(expected),
  );

  test('nothing is allowed by nothing', () =>
    expect(allowed([], 's3:GetObject', 'arn:aws:s3:::b/x')).toBe(false));

  test('what is denied is denied, wherever it is allowed', () => {
    const deny = { ...GET, Effect: 'Deny', Resource: 'arn:aws:s3:::b/runs/secret' };
    expect(allowed([GET, deny], 's3:GetObject', 'arn:aws:s3:::b/runs/secret')).toBe(false);
    expect(allowed([deny, GET], 's3:GetObject', 'arn:aws:s3:::b/runs/other')).toBe(true);
  });
});

describe('conditions', () => {
  const under = (Condition: Given, context: RequestContext): boolean =>
    allowed(
      [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }],
      's3:ListBucket',
      'arn:aws:s3:::b',
      context,
    );
  test.each<[string, Given, RequestContext, boolean]>([
    [
      'one of several values',
      { StringLike: { 's3:prefix': ['runs/*', 'uploads/*'] } },
      { 's3:prefix': 'uploads/a' },
      true,
    ],
    ['none of them', { StringLike: { 's3:prefix': ['runs/*'] } }, { 's3:prefix': 'secrets/a' }, false],
    ['a key that is not there', { StringLike: { 's3:prefix': ['runs/*'] } }, {}, false],
    ['a key that need not be there', { StringLikeIfExists: { 's3:prefix': ['runs/*'] } }, {}, true],
    [
      'a key whatever its case',
      { StringEquals: { 'AWS:SourceAccount': ACCOUNT } },
      { 'aws:sourceaccount': ACCOUNT },
      true,
    ],
    ['all operators', { StringEquals: { a: 'x' }, Bool: { b: 'true' } }, { a: 'x', b: 'false' }, false],
    ['a negated one', { StringNotEquals: { a: ['x', 'y'] } }, { a: 'y' }, false],
    ['a negated one without its key', { StringNotEquals: { a: 'x' } }, {}, true],
    ['a text that is equal but for its case', { StringEqualsIgnoreCase: { a: 'X' } }, { a: 'x' }, true],
    [
      'an ARN',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/x-*' } },
      { 'aws:sourcearn': 'arn:aws:events:eu-west-1:1:rule/x-1' },
      true,
    ],
    ['numbers', { NumericLessThanEquals: { a: '10' } }, { a: '9' }, true],
    ['numbers that are equal', { NumericNotEquals: { a: '10' } }, { a: '10.0' }, false],
    ['times', { DateGreaterThan: { a: '2026-01-01T00:00:00Z' } }, { a: '2026-06-01T00:00:00Z' }, true],
    ['absence', { Null: { a: 'true' } }, {}, true],
    ['presence', { Null: { a: 'true' } }, { a: 'x' }, false],
    ['all of several', { 'ForAllValues:StringEquals': { a: ['x', 'y'] } }, { a: ['x', 'z'] }, false],
    ['all of none', { 'ForAllValues:StringEquals': { a: ['x'] } }, {}, true],
    ['any of several', { 'ForAnyValue:StringEquals': { a: ['x'] } }, { a: ['x', 'z'] }, true],
    ['any of none', { 'ForAnyValue:StringEquals': { a: ['x'] } }, {}, false],
    [
      'a variable',
      { StringLike: { 's3:prefix': 'runs/${aws:userid}/*' } },
      { 's3:prefix': 'runs/ada/1', 'aws:userid': 'ada' },
      true,
    ],
    [
      'a variable that nobody knows',
      { StringLike: { 's3:prefix': 'runs/${aws:userid}/*' } },
      { 's3:prefix': 'runs/ada/1' },
      false,
    ],
  ])('%s', (_, condition, context, expected) => expect(under(condition, context)).toBe(expected));

  test('a denial that needs a key does not hold without it', () => {
    const insecure = {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    expect(allowed([GET, insecure], 's3:GetObject', 'arn:aws:s3:::b/runs/x')).toBe(true);
    expect(
      allowed([GET, insecure], 's3:GetObject', 'arn:aws:s3:::b/runs/x', { 'aws:securetransport': 'false' }),
    ).toBe(false);
  });
});

describe('who is asked about', () => {
  const asked = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:eu-west-1:1:q' };
  const about = (principal: Principal, who: Given, effect = 'Allow') =>
    decide(principal, asked, {
      resource: compilePolicy(
        { Statement: { Effect: effect, Action: 'sqs:SendMessage', Resource: asked.resource, ...who } },
        'resource',
      ),
    });
  test.each<[string, Principal, Given, boolean]>([
    [
      'the policy of a resource lets a service in',
      EVENTS,
      { Principal: { Service: 'events.amazonaws.com' } },
      true,
    ],
    [
      'a service as it is in a region',
      EVENTS,
      { Principal: { Service: 'events.eu-west-1.amazonaws.com' } },
      true,
    ],
    ['and no other one', EVENTS, { Principal: { Service: 's3.amazonaws.com' } }, false],
    ['a role by its ARN', ROLE, { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/runner` } }, true],
    [
      'a role by its session',
      ROLE,
      { Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/run` } },
      true,
    ],
    ['a role of its account, whose own policy has to allow it', ROLE, { Principal: { AWS: ACCOUNT } }, false],
    ['not one of another account', ROLE, { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }, false],
    ['everybody', ROLE, { Principal: '*' }, true],
    ['all but one', ROLE, { NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:role/runner` } }, false],
  ])('%s', (_, principal, who, expected) => expect(about(principal, who).allowed).toBe(expected));

  test('the owner needs no policy, and is kept out by one that denies', () => {
    expect(decide(OWNER, asked, {})).toEqual({ allowed: true, by: undefined });
    expect(about(OWNER, { Principal: '*' }, 'Deny')).toEqual({
      allowed: false,
      why: 'with an explicit deny in a resource-based policy',
    });
  });

  test('a refusal says which kind of policy is missing', () => {
    expect(decide(ROLE, asked, {})).toEqual({
      allowed: false,
      why: 'because no identity-based policy allows the sqs:SendMessage action',
    });
    expect(decide(EVENTS, asked, {})).toMatchObject({
      why: expect.stringContaining('no resource-based policy'),
    });
  });

  test('a role is taken on by whom its trust names', () => {
    const trust = compilePolicy(
      {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } },
        ],
      },
      'trust',
    );
    const assume = { action: 'sts:AssumeRole', resource: ROLE.kind === 'role' ? ROLE.arn : '' };
    expect(decide(EVENTS, assume, { resource: trust }).allowed).toBe(true);
    expect(
      decide({ kind: 'service', name: 'lambda.amazonaws.com' }, assume, { resource: trust }).allowed,
    ).toBe(false);
  });
});

describe('a role takes on another one', () => {
  const assume = { action: 'sts:AssumeRole', resource: 'arn:aws:iam::111111111111:role/other' };
  const own = compilePolicy(
    { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] },
    'identity',
  );
  const trusting = (AWS: string) =>
    compilePolicy(
      { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS } }] },
      'trust',
    );
  const arn = ROLE.kind === 'role' ? ROLE.arn : '';
  const account = `arn:aws:iam::${ACCOUNT}:root`;

  test.each([
    ['trusted by name', { resource: trusting(arn) }, true],
    [
      'trusted as one of the account, and allowed by its own policy',
      { identity: own, resource: trusting(account) },
      true,
    ],
    ['trusted as one of the account alone', { resource: trusting(account) }, false],
    [
      'allowed by its own policy alone',
      { identity: own, resource: trusting('arn:aws:iam::222222222222:root') },
      false,
    ],
    ['allowed by its own policy, and nobody is trusted', { identity: own }, false],
  ] as const)('where it is %s: %#', (_, policies, allowed) =>
    expect(decide(ROLE, assume, policies).allowed).toBe(allowed),
  );
});

test.each<[string, Given]>([
  ['Effect', { ...GET, Effect: 'Perhaps' }],
  ['actions', { Effect: 'Allow', Resource: '*' }],
  ['resources', { Effect: 'Allow', Action: '*' }],
  ['not both', { ...GET, NotAction: 's3:*' }],
  ['Resources', { ...GET, Resources: '*' }],
  ['IpAddress', { ...GET, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
])('a policy that cannot be evaluated is refused: %s', (named, statement) =>
  expect(() => compilePolicy({ Statement: [statement] }, 'identity')).toThrow(named),
);
