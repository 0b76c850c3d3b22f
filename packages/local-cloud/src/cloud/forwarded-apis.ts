import { ApiError } from '@statebag/states';
import type { CommandClass, FindClient, SdkClient } from './sdk-clients.ts';
import { fromSdk, toSdk, unknownMembers } from './sdk-members.ts';

/** Where services are that this cloud has not: `{ bedrockruntime: 'http://127.0.0.1:4010' }`. */
export type ForwardedApis = Readonly<Record<string, string>>;

type Members = Readonly<Record<string, unknown>>;

export interface ForwardingDeps {
  readonly endpoints: ForwardedApis;
  readonly region: string;
  readonly findClient: FindClient;
}

export interface Forwarding {
  /** Why a call cannot be handed on; null: no endpoint is given for its service. Undefined: it can be. */
  refusal(service: string, action: string): string | null | undefined;
  call(service: string, action: string, input: Members): Promise<unknown>;
}

const SDK = 'aws-sdk:';

/** Optimised integrations whose service has another name among the APIs. */
const SERVICES: Readonly<Record<string, string>> = { bedrock: 'bedrockruntime', elasticmapreduce: 'emr' };

/** Whoever speaks the protocol at an endpoint of this machine takes any key; AWS takes this one for none. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Hands calls on to the endpoints that were given, by the protocol of their service. */
export function openForwarding(deps: ForwardingDeps): Forwarding {
  const endpointOf = (service: string) => {
    const name = service.startsWith(SDK) ? service.slice(SDK.length) : (SERVICES[service] ?? service);
    return { name, url: Object.hasOwn(deps.endpoints, name) ? deps.endpoints[name] : undefined };
  };
  return {
    refusal(service, action) {
      const { name, url } = endpointOf(service);
      if (url === undefined) return null;
      if (isInvokeModel(name, action)) return undefined;
      const client = deps.findClient(name);
      if (!client)
        return `the endpoint of '${name}' is called through the SDK's client for it; install that package (@aws-sdk/client-…)`;
      return client.command(action) ? undefined : `the client of '${name}' has no action '${action}'`;
    },
    async call(service, action, input) {
      const { name, url = '' } = endpointOf(service);
      if (isInvokeModel(name, action)) return invokeModel(url, input);
      const client = deps.findClient(name);
      const Command = client?.command(action);
      if (!client || !Command) throw new ApiError('UnknownOperationException', `no ${service}:${action}`);
      return send({ client, Command, url, region: deps.region }, input);
    },
  };
}

async function send(
  { client, Command, url, region }: { client: SdkClient; Command: CommandClass; url: string; region: string },
  input: Members,
): Promise<unknown> {
  const [inputShape, outputShape] = new Command({}).schema
    .slice(-2)
    .map((schema) => client.shapes.of(schema));
  if (!inputShape || !outputShape) throw new Error('the client of the SDK has no schema for the call');
  const unknown = unknownMembers(input, inputShape);
  if (unknown.length > 0)
    throw new ApiError(
      'ValidationException',
      `The API has no parameter ${unknown.map((name) => `'${name}'`).join(', ')}`,
    );
  const opened = client.open({ endpoint: url, region, credentials: CREDENTIALS, maxAttempts: 1 });
  try {
    const command = new Command(Object(toSdk(input, inputShape)));
    return await fromSdk(await opened.send(command), outputShape);
  } catch (error) {
    throw apiErrorOf(error);
  } finally {
    opened.destroy();
  }
}

/** An error of the SDK says how its call went. */
type ServiceError = Error & { readonly $metadata?: { readonly httpStatusCode?: number } };

/** An answer of the service that is an error, or a failure to reach it. */
function apiErrorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { $metadata: { httpStatusCode: status } = {} }: ServiceError = error;
  if (status !== undefined) return new ApiError(error.name, error.message, { status });
  return unreached(error);
}

function unreached(cause: unknown): ApiError {
  return new ApiError('SdkClientException', `Unable to execute HTTP request: ${String(cause)}`, {
    status: 500,
  });
}

/** This one call needs no client: its answer is the model's own JSON. */
function isInvokeModel(name: string, action: string): boolean {
  return name === 'bedrockruntime' && action === 'invokeModel';
}

async function invokeModel(url: string, input: Members): Promise<unknown> {
  const { ModelId: model, Body: body, ContentType: type, Accept: accept } = input;
  const response = await fetch(
    `${url.replace(/\/$/, '')}/model/${encodeURIComponent(String(model))}/invoke`,
    {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
      headers: {
        'content-type': String(type ?? 'application/json'),
        accept: String(accept ?? 'application/json'),
      },
    },
  ).catch((cause: unknown) => {
    throw unreached(cause);
  });
  const text = await response.text();
  if (response.ok)
    return {
      Body: JSON.parse(text),
      ContentType: response.headers.get('content-type') ?? 'application/json',
    };
  const code = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? 'ValidationException';
  throw new ApiError(code, text, { status: response.status });
}
