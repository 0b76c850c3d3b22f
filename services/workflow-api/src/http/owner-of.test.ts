import { expect, test } from '@jest/globals';
import { isId } from '@statebag/contracts';
import fc from 'fast-check';
import { base32 } from './base32.ts';
import { callerOf } from './owner-of.ts';

const event = (claims: object) => ({ routeKey: 'GET /runs', requestContext: { authorizer: { jwt: { claims: { ...claims } } } } });
const ownerOf = (claims: object, claim?: string) => callerOf(event(claims), claim).owner_id;

test('base32 is that of RFC 4648, in lower case and without padding', () => {
  const cases = { f: 'my', fo: 'mzxq', foo: 'mzxw6', foob: 'mzxw6yq', fooba: 'mzxw6ytb', foobar: 'mzxw6ytboi' };
  for (const [text, encoded] of Object.entries(cases)) expect(base32(Buffer.from(text))).toBe(encoded);
});

test('issuer and subject together name one owner, in the grammar of ids', () => {
  fc.assert(
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
  for (const org of ['../acme', 'a b', '', 7, ['acme']]) expect(ownerOf({ ...claims, org }, 'org')).toBe(ownerOf(claims));
  expect(isId(ownerOf(claims, 'org'))).toBe(true);
});

test('without issuer and subject there is no caller', () => {
  for (const claims of [{}, { iss: 'i' }, { sub: 's' }, { iss: 'i', sub: '' }, { iss: 1, sub: 2 }])
    expect(() => callerOf(event(claims), undefined)).toThrow(expect.objectContaining({ name: 'Api.Unauthenticated' }));
});
