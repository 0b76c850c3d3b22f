import type { ApiRoute } from './route.ts';
import { ROUTES } from './routes.ts';

/** A request as API Gateway hands it over (payload 2.0), as far as it is looked at. */
export interface ApiEvent {
  /** Method and path of the route, such as `POST /runs/{run_id}/approve`. */
  readonly routeKey: string;
  readonly headers?: Texts;
  readonly pathParameters?: Texts;
  readonly queryStringParameters?: Texts;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId?: string;
    readonly authorizer?: {
      /** What the authoriser read from the token it checked. */
      readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> };
      /** Who signed the request, where IAM guards the API. */
      readonly iam?: {
        readonly accountId?: unknown;
        readonly callerId?: unknown;
        readonly userArn?: unknown;
      };
    };
  };
}

export type Texts = Readonly<Record<string, string | undefined>>;

/** The reply, in the same format. */
export interface ApiReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as an HTTP client sends it, its token checked. */
export interface HttpRequest {
  readonly method: string;
  /** Path, with the query where there is one. */
  readonly target: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The function a request is for, and the event that API Gateway would hand it; nothing where there is no such
 * route.
 */
export function eventFor({
  method,
  target,
  claims,
  headers = {},
  body,
}: HttpRequest): { readonly route: ApiRoute; readonly event: ApiEvent } | undefined {
  const { pathname, searchParams } = new URL(target, 'http://api.local');
  for (const route of ROUTES) {
    const pathParameters = route.method === method ? parametersOf(route.path, pathname) : undefined;
    if (!pathParameters) continue;
    const routeKey = `${route.method} ${route.path}`;
    const authorizer = { jwt: { claims, scopes: null } };
    const requestContext = {
      requestId: crypto.randomUUID(),
      routeKey,
      stage: '$default',
      http: { method, path: pathname },
      authorizer,
    };
    const queryStringParameters = Object.fromEntries(searchParams);
    const event = {
      version: '2.0',
      routeKey,
      rawPath: pathname,
      headers,
      pathParameters,
      queryStringParameters,
      requestContext,
      isBase64Encoded: false,
    };
    return { route, event: { ...event, ...(body !== undefined && { body }) } };
  }
  return undefined;
}

/** The parameters of a path that fits the pattern of a route. */
function parametersOf(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const fits =
    wanted.length === given.length &&
    wanted.every((part, index) => (nameIn(part) === undefined ? part === given[index] : given[index] !== ''));
  if (!fits) return undefined;
  const pairs = wanted.flatMap((part, index) => {
    const name = nameIn(part);
    return name === undefined ? [] : [[name, decoded(given[index] ?? '')] as const];
  });
  return Object.fromEntries(pairs);
}

/** What is no text in percent signs stays as it was sent: it names nothing, and whoever is asked says so. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

function nameIn(part: string): string | undefined {
  return /^\{(\w+)\}$/.exec(part)?.[1];
}
