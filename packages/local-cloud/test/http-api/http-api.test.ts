import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

let opened: TestCloud;
let stacks: CloudFormationClient;
let issuer: { readonly url: string; readonly server: Server; readonly key: CryptoKey };
/** Where the API is reached. */
let api: string;

/** Whoever issues tokens: its discovery document and its keys, on this machine. */
async function openIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }];
  const server = createServer((request, response) =>
    response.end(JSON.stringify(request.url === '/keys' ? { keys } : { jwks_uri: `${url()}/keys` })),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // a listening TCP server has one
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: url(), server, key: privateKey };
}

const token = (claims: object, audience = 'shop', from = issuer.url): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(from)
    .setAudience(audience)
    .setExpirationTime('5m')
    .sign(issuer.key);

const ECHO = `exports.handler = async (event) => {
  if (event.rawPath === '/broken') throw new Error('no');
  return { statusCode: 201, headers: { 'X-Seen': event.routeKey }, body: JSON.stringify({
    parameters: event.pathParameters, query: event.queryStringParameters, body: event.body, who: event.requestContext.authorizer,
  }) };
};`;

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
  },
};
const route = (RouteKey: string, more: object) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: 'Api' },
    RouteKey,
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    ...more,
  },
});
const guarded = { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Tokens' } };

const template = (name: string, permitted: string, issuerUrl: string) => ({
  Resources: {
    Role: role,
    Echo: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `echo-${name}`,
        Handler: 'src/echo.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { S3Bucket: 'code', S3Key: 'echo.zip' },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { FunctionName: { Ref: 'Echo' }, Action: 'lambda:InvokeFunction', Principal: permitted },
    },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'shop', ProtocolType: 'HTTP' } },
    Tokens: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'Api' },
        Name: 'tokens',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: issuerUrl, Audience: ['shop'] },
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Order: route('POST /orders/{id}', guarded),
    Newest: route('GET /orders/newest', guarded),
    One: route('GET /orders/{id}', guarded),
    Broken: route('GET /broken', {}),
    Signed: route('GET /signed', { AuthorizationType: 'AWS_IAM' }),
  },
  Outputs: { Id: { Value: { Ref: 'Api' } } },
});

async function deploy(StackName: string, permitted: string, issuerUrl = issuer.url): Promise<string> {
  const TemplateBody = JSON.stringify(template(StackName, permitted, issuerUrl));
  await stacks.send(
    new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
  );
  const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName }));
  const id = Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? Stacks?.[0]?.StackStatus;
  return `${opened.config.endpoint}/_aws/execute-api/${id}`;
}

beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
  issuer = await openIssuer();
  stacks = new CloudFormationClient(opened.config);
  const s3 = new S3Client({ ...opened.config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
  await s3.send(
    new PutObjectCommand({
      Bucket: 'code',
      Key: 'echo.zip',
      Body: zipSync({ 'src/echo.js': strToU8(ECHO) }),
    }),
  );
  s3.destroy();
  api = await deploy('shop', 'apigateway.amazonaws.com');
});

afterAll(async () => {
  stacks.destroy();
  issuer.server.close();
  await opened.close();
});

const ask = async (path: string, bearer?: string, init: RequestInit = {}) => {
  const headers = { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) };
  const answer = await fetch(`${api}${path}`, { ...init, headers });
  return { status: answer.status, route: answer.headers.get('x-seen'), body: await answer.json() };
};

test('a function answers with the claims of the token, the parameters of the path, query and body', async () => {
  const bearer = await token({ sub: 'alice' });
  expect(await ask('/orders/a%20b?x=1', bearer, { method: 'POST', body: 'hello' })).toMatchObject({
    status: 201,
    route: 'POST /orders/{id}',
    body: {
      parameters: { id: 'a b' },
      query: { x: '1' },
      body: 'hello',
      who: { jwt: { claims: { sub: 'alice', iss: issuer.url } } },
    },
  });
});

test('the route with the most fixed parts is taken; none is 404, a function that fails 500', async () => {
  const bearer = await token({ sub: 'alice' });
  expect((await ask('/orders/newest', bearer)).route).toBe('GET /orders/newest');
  expect((await ask('/orders/7', bearer)).route).toBe('GET /orders/{id}');
  expect(await ask('/nowhere', bearer)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
  expect(await ask('/broken')).toMatchObject({ status: 500, body: { message: 'Internal Server Error' } });
});

test.each<[name: string, bearer: () => Promise<string | undefined>]>([
  ['without a token', async () => undefined],
  ['with a token that is none', async () => 'x.y.z'],
  ['with a token for another audience', () => token({ sub: 'alice' }, 'bank')],
  ['with a token of another issuer', () => token({ sub: 'alice' }, 'shop', 'https://elsewhere.example')],
])('a request %s is refused before any function runs', async (_, bearer) => {
  expect(await ask('/orders/7', await bearer())).toMatchObject({
    status: 401,
    body: { message: 'Unauthorized' },
  });
});

test('a route that IAM guards takes no unsigned request', async () => {
  expect((await ask('/signed')).status).toBe(403);
});

test('a function that no permission names for the API is not called', async () => {
  api = await deploy('closed', 'events.amazonaws.com');
  expect((await ask('/orders/7', await token({ sub: 'alice' }))).status).toBe(500);
});

test('an authoriser whose issuer does not answer is not made', async () => {
  expect(await deploy('no-issuer', 'apigateway.amazonaws.com', 'https://issuer.invalid')).toContain(
    'ROLLBACK_COMPLETE',
  );
});

test('a function shows its package, its handler and its role', async () => {
  const lambda = new LambdaClient(opened.config);
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'echo-shop' }));
  lambda.destroy();
  expect(Configuration).toMatchObject({
    Handler: 'src/echo.handler',
    Role: expect.stringMatching(/^arn:aws:iam::000000000000:role\/shop-Role-/),
    CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
  });
});
