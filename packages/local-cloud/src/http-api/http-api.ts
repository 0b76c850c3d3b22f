import type { Invocation, InvocationResult } from '@statebag/states';
import { ApiError } from '@statebag/states';
import { isMapping } from '../cloudformation/document.ts';
import type { KeptResource, KeptResources } from '../cloudformation/kept-resources.ts';
import { type Answer, type Identity, type Request, readBody } from '../gateway/request.ts';
import { type Asked, arnOf, type Principal } from '../iam/policy.ts';
import { parseFunctionName } from '../lambda/function-config.ts';
import { eventOf, type ReceivedRequest, replyOf } from './payload.ts';
import { type MatchedRoute, matchRoute } from './routes.ts';
import { openTokens } from './tokens.ts';

/** HTTP APIs are reached below this path: their own host names lead to AWS. */
export const HTTP_API_PATH = '/_aws/execute-api/';

export interface HttpApiDeps {
  readonly kept: KeptResources;
  readonly account: string;
  readonly region: string;
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** Starts a machine, for routes that do so without a function. */
  startExecution(input: Record<string, unknown>): Promise<unknown>;
  arnOf(functionName: string, qualifier?: string): string;
  /** Whether the account may have another request now. */
  mayRequest(): boolean;
  mayInvoke(service: string, functionArn: string, sourceArn: string): boolean;
  may(principal: Principal, asked: Asked): boolean;
}

export interface HttpApis {
  /** Answers a request; `authenticate` finds out who signed one for a route that IAM guards. */
  serve(request: Request, authenticate: (request: Request, body: Buffer) => Identity): Promise<Answer>;
}

/** Who asks, as the event of a function says it. */
export type Authorizer = Readonly<Record<string, unknown>> | undefined;

/** API Gateway's payload limit, bytes (AWS documentation "Quotas for HTTP APIs", read 2026-07). */
const MAX_BODY = 10_485_760;

/** Serves the HTTP APIs that stacks have made: route, authoriser, permission, function. */
export function openHttpApis(deps: HttpApiDeps): HttpApis {
  const checkToken = openTokens();
  const authorized = async (
    request: Request,
    { route }: MatchedRoute,
    identify: () => Identity,
  ): Promise<{ readonly authorizer: Authorizer } | Answer> => {
    const { AuthorizationType: type = 'NONE', AuthorizerId: id } = route.properties;
    if (type === 'NONE') return { authorizer: undefined };
    if (type === 'AWS_IAM') return signed(identify(), request, deps);
    const authorizer = deps.kept.find('AWS::ApiGatewayV2::Authorizer', String(id));
    if (authorizer === undefined) return refusal(500, 'Internal Server Error');
    const checked = await checkToken(request, authorizer.properties);
    if ('refused' in checked)
      return refusal(401, 'Unauthorized', `Bearer error_description="${checked.refused}"`);
    return { authorizer: { jwt: { claims: textClaims(checked.claims), scopes: null } } };
  };
  return {
    serve: async (request, authenticate) => {
      const [api = '', ...rest] = request.path.slice(HTTP_API_PATH.length).split('/');
      const path = `/${rest.join('/')}`;
      if (deps.kept.find('AWS::ApiGatewayV2::Api', api) === undefined) return refusal(404, 'Not Found');
      if (!deps.mayRequest()) return refusal(429, 'Too Many Requests');
      const routes = partsOf('AWS::ApiGatewayV2::Route', api, deps);
      const matched = matchRoute(routes, { method: request.method, path });
      if (matched === undefined) return refusal(404, 'Not Found');
      const body = await readBody(
        request.body,
        MAX_BODY,
        () => new ApiError('RequestEntityTooLarge', 'Request Too Long', { status: 413 }),
      );
      const allowed = await authorized(request, matched, () => authenticate(request, body));
      if ('status' in allowed) return allowed;
      const received = { request, path, body, matched, api, authorizer: allowed.authorizer };
      return answer(received, integrationOf(matched, deps), deps);
    },
  };
}

/** A route that IAM guards: whoever signed has to be allowed to call it. */
function signed(
  identity: Identity,
  { method, path }: Request,
  deps: HttpApiDeps,
): { readonly authorizer: Authorizer } | Answer {
  const [api = '', ...rest] = path.slice(HTTP_API_PATH.length).split('/');
  const called = `${api}/$default/${method}/${rest.join('/')}`;
  const resource = `arn:aws:execute-api:${deps.region}:${deps.account}:${called}`;
  if (!deps.may(identity.principal, { action: 'execute-api:Invoke', resource }))
    return refusal(403, 'Forbidden');
  return { authorizer: { iam: describeIdentity(identity, deps) } };
}

function partsOf(
  type: 'AWS::ApiGatewayV2::Route' | 'AWS::ApiGatewayV2::Integration',
  api: string,
  { kept }: HttpApiDeps,
): KeptResource[] {
  return kept.list(type).filter(({ properties }) => properties['ApiId'] === api);
}

function integrationOf({ route }: MatchedRoute, { kept }: HttpApiDeps): KeptResource | undefined {
  const target = String(route.properties['Target']).replace(/^integrations\//, '');
  return kept.find('AWS::ApiGatewayV2::Integration', target);
}

async function answer(
  received: ReceivedRequest,
  integration: KeptResource | undefined,
  deps: HttpApiDeps,
): Promise<Answer> {
  const { IntegrationSubtype: subtype, PayloadFormatVersion: version = '1.0' } =
    integration?.properties ?? {};
  if (integration === undefined) return refusal(500, 'Internal Server Error');
  if (subtype !== undefined) return startMachine(received, integration, deps);
  // YAML makes a number of a version without quotes
  const event = eventOf(Number(version).toFixed(1), received, deps);
  return callFunction(integration, JSON.stringify(event), { ...received, deps });
}

async function callFunction(
  { properties }: KeptResource,
  payload: string,
  place: { readonly api: string; readonly path: string; readonly deps: HttpApiDeps },
): Promise<Answer> {
  const functionName = functionIn(String(properties['IntegrationUri']));
  if (!isPermitted(functionName, place)) return refusal(500, 'Internal Server Error');
  const result = await place.deps.invoke({ functionName, invocationType: 'RequestResponse', payload });
  return result.functionError === undefined ? replyOf(result.payload) : refusal(500, 'Internal Server Error');
}

/** An address may name the function inside that of the call to it. */
function functionIn(uri: string): string {
  return /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

/** Starts a machine with the body of the request, as its parameters say. */
async function startMachine(
  { body }: ReceivedRequest,
  { properties }: KeptResource,
  { startExecution }: HttpApiDeps,
): Promise<Answer> {
  const parameters = isMapping(properties['RequestParameters']) ? properties['RequestParameters'] : {};
  const { StateMachineArn: stateMachineArn, Input: input, Name: name } = parameters;
  try {
    const started = await startExecution({
      stateMachineArn,
      input: input === undefined || input === '$request.body' ? body.toString('utf8') || '{}' : input,
      ...(name !== undefined && { name }),
    });
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(started) };
  } catch (error) {
    if (error instanceof ApiError) return refusal(400, error.message);
    throw error;
  }
}

/** A function answers only whom one of its permissions names. */
function isPermitted(
  functionName: string,
  { api, path, deps }: { readonly api: string; readonly path: string; readonly deps: HttpApiDeps },
): boolean {
  const { functionName: name, qualifier } = parseFunctionName(functionName);
  const source = `arn:aws:execute-api:${deps.region}:${deps.account}:${api}/$default${path}`;
  return deps.mayInvoke('apigateway.amazonaws.com', deps.arnOf(name, qualifier), source);
}

function describeIdentity({ accessKeyId, principal }: Identity, { account }: HttpApiDeps) {
  const userArn = arnOf(principal);
  return { accessKey: accessKeyId, accountId: account, callerId: accessKeyId, userArn, userId: accessKeyId };
}

/** Functions get every claim as a text. */
function textClaims(claims: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
}

function refusal(status: number, message: string, challenge?: string): Answer {
  const more = challenge === undefined ? {} : { 'www-authenticate': challenge };
  return {
    status,
    headers: { 'content-type': 'application/json', ...more },
    body: JSON.stringify({ message }),
  };
}
