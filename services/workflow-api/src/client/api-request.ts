import type { ApiEvent } from '../http/api-event.ts';
import { type ApiRoute, ROUTES } from '../routes.ts';

/** A request as an HTTP client sends it, its token checked. */
export interface HttpRequest {
  readonly method: string;
  /** Path, with the query where there is one. */
  readonly target: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The function a request is for, and the event that API Gateway would hand it; nothing where there is no such route. */
export function eventFor({ method, target, claims, headers = {}, body }: HttpRequest): { readonly route: ApiRoute; readonly event: ApiEvent } | undefined {
  const { pathname, searchParams } = new URL(target, 'http://api.local');
  for (const route of ROUTES) {
    const pathParameters = route.method === method ? parametersOf(route.path, pathname) : undefined;
    if (!pathParameters) continue;
    const routeKey = `${route.method} ${route.path}`;
    const authorizer = { jwt: { claims, scopes: null } };
    const requestContext = { requestId: crypto.randomUUID(), routeKey, stage: '$default', http: { method, path: pathname }, authorizer };
    const queryStringParameters = Object.fromEntries(searchParams);
    const event = { version: '2.0', routeKey, rawPath: pathname, headers, pathParameters, queryStringParameters, requestContext, isBase64Encoded: false };
    return { route, event: { ...event, ...(body !== undefined && { body }) } };
  }
  return undefined;
}

/** The parameters of a path that fits the pattern of a route. */
function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const fits = wanted.length === given.length && wanted.every((part, index) => (nameIn(part) === undefined ? part === given[index] : given[index] !== ''));
  if (!fits) return undefined;
  const pairs = wanted.flatMap((part, index) => {
    const name = nameIn(part);
    return name === undefined ? [] : [[name, decodeURIComponent(given[index] ?? '')] as const];
  });
  return Object.fromEntries(pairs);
}

function nameIn(part: string): string | undefined {
  return /^\{(\w+)\}$/.exec(part)?.[1];
}
