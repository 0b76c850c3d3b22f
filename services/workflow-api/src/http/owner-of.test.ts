import { expect, test } from '@jest/globals';
import { isId } from '@statebag/contracts/ids';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { callerOf } from './owner-of.ts';

const event = (claims: object) => ({
  routeKey: 'GET /runs',
  requestContext: { authorizer: { jwt: { claims: { ...claims } } } },
});
const ownerOf = (claims: object, claim?: string) => callerOf(event(claims), claim).owner_id;

test('issuer and subject together name one owner, in the grammar of ids', () => {
  law(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (iss, sub) => {
      const owner = ownerOf({ iss, sub });
      expect(owner).toMatch(/^[a-z2-7]{52}$/);
      expect(owner).toBe(ownerOf({ iss, sub }));
      expect(owner).not.toBe(ownerOf({ iss: `${iss}${sub}`, sub: 'x' }));
    }),
  );
});

test('a claim that the deployment names is the owner, if it holds an id', () => {
  const claims = { iss: 'https://i/', sub: 's' };
  expect(ownerOf({ ...claims, org: 'acme' }, 'org')).toBe('acme');
  expect(ownerOf({ ...claims, org: 'acme' })).toBe(ownerOf(claims));
  for (const org of ['../acme', 'a b', '', 7, ['acme']])
    expect(ownerOf({ ...claims, org }, 'org')).toBe(ownerOf(claims));
  expect(isId(ownerOf(claims, 'org'))).toBe(true);
});

test('without issuer and subject there is no caller', () => {
  for (const claims of [{}, { iss: 'i' }, { sub: 's' }, { iss: 'i', sub: '' }, { iss: 1, sub: 2 }])
    expect(() => callerOf(event(claims), undefined)).toThrow(
      expect.objectContaining({ name: 'Api.Unauthenticated' }),
    );
});

test('a role that signs is one owner in all its sessions, and another than every token names', () => {
  const signed = (callerId: unknown, userArn = 'arn:aws:sts::1:assumed-role/R/s') =>
    callerOf(
      {
        routeKey: 'GET /runs',
        requestContext: { authorizer: { iam: { accountId: '1', callerId, userArn } } },
      },
      'org',
    );
  expect(signed('AROAX:one').owner_id).toBe(signed('AROAX:two').owner_id);
  expect(signed('AROAX:one').owner_id).not.toBe(signed('AROAY:one').owner_id);
  expect(signed('AROAX:one').owner_id).not.toBe(ownerOf({ iss: 'https://i/', sub: 'AROAX' }));
  expect(signed('AROAX:one').subject).toBe('arn:aws:sts::1:assumed-role/R/s');
  expect(() => signed(undefined)).toThrow(expect.objectContaining({ name: 'Api.Unauthenticated' }));
});
