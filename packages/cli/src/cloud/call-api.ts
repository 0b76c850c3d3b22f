import { userInfo } from 'node:os';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { type ApiEvent, type ApiReply, eventFor } from '@statebag/api';
import type { ApiError } from '@statebag/contracts/schemas/api';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { UsageError } from '../exit.ts';
import type { OpenApp } from './open-app.ts';

/** What a checked token of this machine says: whose runs, and who asks. */
export function localClaims(owner: string = LOCAL_APP.owner): Record<string, string> {
  return { iss: 'https://statebag.local', sub: userInfo().username, [LOCAL_APP.ownerClaim]: owner };
}

/** Asks the deployed API as API Gateway would. @throws UsageError where it refuses, with what mends it */
export async function callApi<Body>(
  app: Pick<OpenApp, 'lambda'>,
  route: `${'GET' | 'POST'} ${string}`,
  body?: object,
): Promise<Body> {
  const [method = '', target = ''] = route.split(' ');
  const found = eventFor({
    method,
    target,
    claims: localClaims(),
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!found) throw new Error(`the API has no route ${route}`);
  const reply = await invokeRoute(app, found.route.key, found.event);
  if (reply.statusCode >= 400) throw refusal(JSON.parse(reply.body));
  return JSON.parse(reply.body);
}

/**
 * Where the API's functions are: of this machine's own deployment, or of another stage on a cloud of this
 * machine.
 */
export interface ApiPlace extends Pick<OpenApp, 'lambda'> {
  readonly stage?: string;
  /** Of a deployment on AWS: the function of a route by its key. */
  readonly functionArn?: (key: string) => string;
  /**
   * Where the cloud is in this process: calls a function without a request, which would carry everything
   * twice.
   */
  readonly invoke?: (functionArn: string, payload: string) => Promise<Replied>;
}

interface Replied {
  readonly payload: string;
  readonly functionError?: string | undefined;
}

/** Invokes the function of a route. */
export async function invokeRoute(place: ApiPlace, key: string, event: ApiEvent): Promise<ApiReply> {
  const { stage, functionArn, invoke = invokeOver(place.lambda) } = place;
  const called = functionArn?.(key) ?? LOCAL_APP.functionArn('workflow-api', key, stage);
  const { payload, functionError } = await invoke(called, JSON.stringify(event));
  if (functionError !== undefined) throw new Error(`${key} failed: ${payload}`);
  return JSON.parse(payload);
}

function invokeOver(lambda: ApiPlace['lambda']): NonNullable<ApiPlace['invoke']> {
  return async (FunctionName, given) => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: given }));
    return { payload: answer.Payload?.transformToString() ?? '', functionError: answer.FunctionError };
  };
}

function refusal({ error: { code, message, mend } }: ApiError): UsageError {
  return new UsageError(`${code}: ${message}\n  mend: ${mend}`);
}
