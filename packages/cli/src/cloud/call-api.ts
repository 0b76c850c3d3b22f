import { userInfo } from 'node:os';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { ApiError } from '@statebag/contracts';
import { type ApiEvent, type ApiReply, eventFor } from '@statebag/workflow-api';
import { UsageError } from '../exit.ts';
import { LOCAL_APP } from './local-app.ts';
import type { OpenApp } from './open-app.ts';

/** What a checked token of this machine says: whose runs, and who asks. */
export function localClaims(owner: string = LOCAL_APP.owner): Record<string, string> {
  return { iss: 'https://statebag.local', sub: userInfo().username, [LOCAL_APP.ownerClaim]: owner };
}

/** Asks the deployed API as API Gateway would. @throws UsageError where it refuses, with what mends it */
export async function callApi<Body>(app: Pick<OpenApp, 'lambda'>, route: `${'GET' | 'POST'} ${string}`, body?: object): Promise<Body> {
  const [method = '', target = ''] = route.split(' ');
  const found = eventFor({ method, target, claims: localClaims(), ...(body && { body: JSON.stringify(body) }) });
  if (!found) throw new Error(`the API has no route ${route}`);
  const reply = await invokeRoute(app, found.route.key, found.event);
  if (reply.statusCode >= 400) throw refusal(JSON.parse(reply.body));
  return JSON.parse(reply.body);
}

/** Where the API's functions are: of this machine's own deployment, or of another stage on a cloud of this machine. */
export interface ApiPlace extends Pick<OpenApp, 'lambda'> {
  readonly stage?: string;
}

/** Invokes the function of a route. */
export async function invokeRoute({ lambda, stage }: ApiPlace, key: string, event: ApiEvent): Promise<ApiReply> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: LOCAL_APP.functionArn('workflow-api', key, stage), Payload: JSON.stringify(event) }),
  );
  const text = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`${key} failed: ${text}`);
  return JSON.parse(text);
}

function refusal({ error: { code, message, mend } }: ApiError): UsageError {
  return new UsageError(`${code}: ${message}\n  mend: ${mend}`);
}
