import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

interface Resolver {
  resolveVariable(name: string): Promise<string>;
}
interface Authorizer {
  httpApi(resolver: Resolver): Promise<object>;
  route(resolver: Resolver): Promise<object>;
}
const { httpApi, route }: Authorizer = createRequire(import.meta.url)('../authorizer.cjs');

/** The choices of a stage, as the framework resolves them. */
const choosing = (chosen: Readonly<Record<string, string>>): Resolver => ({
  resolveVariable: async (name) => chosen[name.replace('self:custom.', '')] ?? '',
});

test('without an issuer there is no authoriser, and IAM decides about every route', async () => {
  const resolver = choosing({ jwtAudience: 'statebag' });
  expect(await httpApi(resolver)).toEqual({});
  expect(await route(resolver)).toEqual({ type: 'aws_iam' });
});

test('with one, its tokens are asked for on every route', async () => {
  const resolver = choosing({ jwtIssuer: 'https://issuer.example', jwtAudience: 'statebag' });
  expect(await httpApi(resolver)).toMatchObject({
    authorizers: { tokens: { type: 'jwt', issuerUrl: 'https://issuer.example', audience: ['statebag'] } },
  });
  expect(await route(resolver)).toEqual({ name: 'tokens' });
});

test('pages of chosen origins may call it, and no others', async () => {
  expect(await httpApi(choosing({ allowedOrigins: 'https://a.example,https://b.example' }))).toMatchObject({
    cors: { allowedOrigins: ['https://a.example', 'https://b.example'] },
  });
  expect(await httpApi(choosing({}))).not.toHaveProperty('cors');
});
