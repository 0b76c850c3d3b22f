import { isMapping, type Mapping } from '../cloudformation/document.ts';
import type { Answer, Request } from '../gateway/request.ts';
import type { MatchedRoute } from './routes.ts';

export interface ReceivedRequest {
  readonly request: Request;
  readonly path: string;
  readonly body: Buffer;
  readonly matched: MatchedRoute;
  readonly api: string;
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json)|$)/;

/** A request as a function gets it, in the format of payloads that its integration names. */
export function eventOf(version: string, received: ReceivedRequest, place: Place): object {
  return version === '2.0' ? eventOfFormat2(received, place) : eventOfFormat1(received, place);
}

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The format 1.0, which is that of REST APIs too. */
function eventOfFormat1(
  { request, path, body, matched, api, authorizer }: ReceivedRequest,
  { account, region }: Place,
): object {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  const isText = TEXT.test(String(request.headers['content-type'] ?? ''));
  const resource = matched.routeKey.split(' ')[1] ?? path;
  const now = new Date();
  return {
    version: '1.0',
    resource,
    path,
    httpMethod: request.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
    queryStringParameters: orNull(Object.fromEntries(request.query)),
    multiValueQueryStringParameters: orNull(
      Object.fromEntries([...request.query].map(([name, value]) => [name, [value]])),
    ),
    pathParameters: orNull(matched.pathParameters),
    stageVariables: null,
    requestContext: {
      accountId: account,
      apiId: api,
      authorizer: authorizer ?? {},
      domainName: `${api}.execute-api.${region}.amazonaws.com`,
      domainPrefix: api,
      httpMethod: request.method,
      identity: { sourceIp: '127.0.0.1', userAgent: String(request.headers['user-agent'] ?? '') },
      path,
      protocol: 'HTTP/1.1',
      requestId: request.requestId,
      requestTimeEpoch: now.getTime(),
      resourcePath: resource,
      stage: '$default',
    },
    body: body.length > 0 ? body.toString(isText ? 'utf8' : 'base64') : null,
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function orNull<Members extends object>(members: Members): Members | null {
  return Object.keys(members).length === 0 ? null : members;
}

function eventOfFormat2(
  { request, path, body, matched, api, authorizer }: ReceivedRequest,
  { account, region }: Place,
): object {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { cookie, ...others } = headers;
  const isText = TEXT.test(headers['content-type'] ?? '');
  const now = new Date();
  return {
    version: '2.0',
    routeKey: matched.routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams([...request.query]).toString(),
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: others,
    ...(request.query.size > 0 && { queryStringParameters: Object.fromEntries(request.query) }),
    ...(Object.keys(matched.pathParameters).length > 0 && { pathParameters: matched.pathParameters }),
    requestContext: {
      accountId: account,
      apiId: api,
      ...(authorizer !== undefined && { authorizer }),
      domainName: `${api}.execute-api.${region}.amazonaws.com`,
      domainPrefix: api,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey: matched.routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** What a function answered, as HTTP; a reply without `statusCode` is a body of its own. */
export function replyOf(payload: string): Answer {
  const reply: unknown = JSON.parse(payload === '' ? 'null' : payload);
  if (!isMapping(reply) || typeof reply['statusCode'] !== 'number')
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: typeof reply === 'string' ? reply : payload,
    };
  const { statusCode: status, headers, body = '', isBase64Encoded } = reply;
  const given: Mapping = isMapping(headers) ? headers : {};
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
    },
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}
