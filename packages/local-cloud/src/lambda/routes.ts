import { text as readText } from 'node:stream/consumers';
import { ApiError } from '@statebag/states';
import { type Answer, decode, headerOf, type RestService, type SignedRequest } from '../gateway/request.ts';
import {
  deleteConcurrency,
  getAccountSettings,
  getConcurrency,
  putConcurrency,
} from './concurrency-routes.ts';
import { describeAlias, describeFunction, describeVersion } from './descriptions.ts';
import { type Alias, type FunctionAddress, parseFunctionName } from './function-config.ts';
import { type FunctionRegistry, notFound } from './function-registry.ts';
import { json, type LambdaRequest, type LambdaRouteDeps, type Operation } from './operation.ts';

/**
 * Lambda's REST operations: method, path below `/functions`, what to do, and the right to it. `:f` is the
 * function, `:a` an alias.
 */
const ROUTES: readonly (readonly [method: string, path: string, run: Operation, action: string])[] = [
  ['GET', '', listFunctions, 'ListFunctions'],
  ['GET', '/:f', getFunction, 'GetFunction'],
  ['DELETE', '/:f', deleteFunction, 'DeleteFunction'],
  ['GET', '/:f/configuration', getConfiguration, 'GetFunctionConfiguration'],
  ['POST', '/:f/invocations', invokeFunction, 'InvokeFunction'],
  ['POST', '/:f/versions', publishVersion, 'PublishVersion'],
  ['GET', '/:f/versions', listVersions, 'ListVersionsByFunction'],
  ['GET', '/:f/aliases', listAliases, 'ListAliases'],
  ['POST', '/:f/aliases', putAlias, 'CreateAlias'],
  ['GET', '/:f/aliases/:a', getAlias, 'GetAlias'],
  ['PUT', '/:f/aliases/:a', putAlias, 'UpdateAlias'],
  ['DELETE', '/:f/aliases/:a', deleteAlias, 'DeleteAlias'],
  ['GET', '/:f/concurrency', getConcurrency, 'GetFunctionConcurrency'],
  ['PUT', '/:f/concurrency', putConcurrency, 'PutFunctionConcurrency'],
  ['DELETE', '/:f/concurrency', deleteConcurrency, 'DeleteFunctionConcurrency'],
  ['GET', 'account-settings', getAccountSettings, 'GetAccountSettings'],
];

const MAX_LOG_TAIL = 4096;

/** Serves Lambda's REST API. */
export function serveLambda(deps: LambdaRouteDeps): RestService {
  return async (request) => {
    const [, , kind = '', ...below] = request.path.split('/');
    const [name = '', section = '', alias = ''] = below.filter((part) => part !== '').map(decode);
    const pattern =
      kind === 'functions' ? [name && '/:f', section && `/${section}`, alias && '/:a'].join('') : kind;
    const route = ROUTES.find(([method, path]) => method === request.method && path === pattern);
    if (route === undefined)
      throw new ApiError(
        'UnknownOperationException',
        `${request.method} ${request.path} is not an operation of the local cloud`,
        { status: 404 },
      );
    const address =
      name === ''
        ? { functionName: '', qualifier: '$LATEST' }
        : parseFunctionName(name, request.query.get('Qualifier') || undefined);
    const [, , run, action] = route;
    request.rights.require({ action: `lambda:${action}`, resource: resourceOf(name, address, deps) });
    const answer = await run({ request, address, alias, body: () => readObject(request) }, deps);
    return { ...answer, headers: { 'x-amzn-requestid': request.requestId, ...answer.headers } };
  };
}

/** A version or an alias is called by its own ARN, also `$LATEST` where it is asked for by that name. */
function resourceOf(
  name: string,
  { functionName, qualifier }: FunctionAddress,
  { arnOf }: LambdaRouteDeps,
): string {
  return name === '' ? '*' : arnOf(functionName, qualifier);
}

async function invokeFunction({ request, address }: LambdaRequest, deps: LambdaRouteDeps): Promise<Answer> {
  const invocationType = headerOf(request, 'x-amz-invocation-type') ?? 'RequestResponse';
  const payload = (await readText(request.body)) || '{}';
  refuseUnlessJson(payload);
  if (invocationType === 'DryRun') {
    deps.registry.resolve(address.functionName, address.qualifier, () => 1);
    return { status: 204, headers: {} };
  }
  if (invocationType !== 'RequestResponse' && invocationType !== 'Event')
    throw new ApiError('InvalidParameterValueException', `unknown invocation type ${invocationType}`);
  const result = await deps.invoke({
    ...address,
    invocationType,
    payload,
    nested: request.identity.functionName !== undefined,
  });
  const tail =
    headerOf(request, 'x-amz-log-type') === 'Tail' && result.log !== undefined
      ? tailOf(result.log)
      : undefined;
  return {
    status: result.statusCode,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': result.requestId,
      'x-amz-executed-version': result.executedVersion,
      ...(result.functionError === undefined ? {} : { 'x-amz-function-error': result.functionError }),
      ...(tail === undefined ? {} : { 'x-amz-log-result': tail }),
    },
    body: result.payload,
  };
}

async function listFunctions(_: LambdaRequest, { registry, arnOf }: LambdaRouteDeps): Promise<Answer> {
  const latest = registry.names().map((name) => registry.resolve(name, '$LATEST', () => 1));
  return json({ Functions: latest.map((version) => describeVersion(version, arnOf)) });
}

async function getFunction(
  { address }: LambdaRequest,
  { registry, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  const version = registry.resolve(address.functionName, address.qualifier, () => 1);
  return json(describeFunction(version, { arnOf, settings: registry.settings(address.functionName) }));
}

async function getConfiguration(
  { address }: LambdaRequest,
  { registry, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  return json(
    describeVersion(
      registry.resolve(address.functionName, address.qualifier, () => 1),
      arnOf,
    ),
  );
}

async function deleteFunction(
  { address }: LambdaRequest,
  { registry, journal, retire }: LambdaRouteDeps,
): Promise<Answer> {
  if (address.qualifier === '$LATEST') registry.remove(address.functionName);
  else registry.removeVersion(address.functionName, address.qualifier);
  retire(address.functionName);
  await journal.flush();
  return { status: 204, headers: {} };
}

async function publishVersion(
  { address }: LambdaRequest,
  { registry, journal, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  registry.resolve(address.functionName, '$LATEST', () => 1);
  const version = registry.publish(address.functionName);
  await journal.flush();
  return json(describeVersion(version, arnOf), 201);
}

async function listVersions(
  { address }: LambdaRequest,
  { registry, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  return json({
    Versions: registry.versions(address.functionName).map((version) => describeVersion(version, arnOf)),
  });
}

async function listAliases(
  { address }: LambdaRequest,
  { registry, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  return json({
    Aliases: registry.aliases(address.functionName).map((alias) => describeAlias(alias, arnOf)),
  });
}

async function getAlias(
  { address, alias }: LambdaRequest,
  { registry, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  return json(describeAlias(requireAlias(registry, address.functionName, alias), arnOf));
}

async function putAlias(
  { request, address, alias: inPath, body }: LambdaRequest,
  { registry, journal, arnOf }: LambdaRouteDeps,
): Promise<Answer> {
  const input = await body();
  const name = inPath || textOf(input['Name']) || '';
  const exists = registry.aliases(address.functionName).some((each) => each.name === name);
  if (request.method === 'POST' && exists)
    throw new ApiError(
      'ResourceConflictException',
      `Alias already exists: ${arnOf(address.functionName, name)}`,
      { status: 409 },
    );
  const current = request.method === 'PUT' ? requireAlias(registry, address.functionName, name) : undefined;
  const alias: Alias = {
    functionName: address.functionName,
    name,
    version: textOf(input['FunctionVersion']) ?? current?.version ?? '',
    description: textOf(input['Description']) ?? current?.description ?? '',
    weights: weightsOf(input['RoutingConfig']) ?? current?.weights ?? {},
  };
  registry.putAlias(alias);
  await journal.flush();
  return json(describeAlias(alias, arnOf), request.method === 'POST' ? 201 : 200);
}

async function deleteAlias(
  { address, alias }: LambdaRequest,
  { registry, journal }: LambdaRouteDeps,
): Promise<Answer> {
  registry.deleteAlias(address.functionName, alias);
  await journal.flush();
  return { status: 204, headers: {} };
}

function requireAlias(registry: FunctionRegistry, functionName: string, name: string): Alias {
  const alias = registry.aliases(functionName).find((each) => each.name === name);
  if (alias === undefined) throw notFound(functionName, name);
  return alias;
}

function weightsOf(routing: unknown): Record<string, number> | undefined {
  if (!isObject(routing)) return undefined;
  const weights = isObject(routing['AdditionalVersionWeights']) ? routing['AdditionalVersionWeights'] : {};
  return Object.fromEntries(Object.entries(weights).map(([version, weight]) => [version, Number(weight)]));
}

async function readObject(request: SignedRequest): Promise<Record<string, unknown>> {
  const value: unknown = JSON.parse((await readText(request.body)) || '{}');
  return isObject(value) ? value : {};
}

function refuseUnlessJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch (cause) {
    throw new ApiError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${String(cause)}`,
    );
  }
}

function tailOf(log: readonly string[]): string {
  return Buffer.from(log.join('\n')).subarray(-MAX_LOG_TAIL).toString('base64');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
