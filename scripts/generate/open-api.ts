import { type ApiRoute, type QueryName, ROUTES } from '@statebag/api';
import { RUN_FILTERS } from '@statebag/runs/filters';
import { partsReferringBy } from './wire-schemas.ts';

const REFUSED: Readonly<Record<number, string>> = {
  400: 'The request does not fit; the message names the place',
  401: 'No token, or not one of the configured issuer and audience',
  404: 'There is no such thing, or it belongs to somebody else',
  409: 'Not in this state; the message says which',
  410: 'Too late',
  413: 'The body is too large',
  503: 'Try again in a moment',
};
const BASE = '#/components/schemas/';

/** The API as an OpenAPI document, made of the routes and the schemas that requests are held to. */
export function openApiText(): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Statebag',
      version: '1',
      description:
        'Durable AI workflows: start runs, follow them, decide what they ask. Errors: docs/errors.md.',
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: schemasOf(),
    },
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function operation({
  path,
  key,
  summary,
  body,
  reply,
  success,
  refusals,
  query = [],
  idempotent = false,
}: ApiRoute): object {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...query.map((name) => ({
      name,
      in: 'query',
      schema: { type: name === 'limit' ? 'integer' : 'string' },
      description: QUERY[name],
    })),
    ...(idempotent
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
            description: IDEMPOTENCY,
          },
        ]
      : []),
  ];
  const failures = [...refusals, 401, 503]
    .sort((left, right) => left - right)
    .map((status) => [status, content(REFUSED[status] ?? '', 'ApiError')]);
  return {
    operationId: key,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && { requestBody: { required: true, content: json(body) } }),
    responses: {
      ...Object.fromEntries(success.map((status) => [status, content(SUCCESS[status] ?? '', reply)])),
      ...Object.fromEntries(failures),
    },
  };
}

const QUERY: Readonly<Record<QueryName, string>> = {
  limit: 'How many at most',
  next: 'What the page before gave as `next`',
  at: 'Which bag: the name of an execution, ~, and the number of the event that left it, as in the trace',
  field: 'Only this field, with its value up to 4 MB',
  node: 'only of this node',
  ...RUN_FILTERS,
};
const IDEMPOTENCY =
  'The same key, workflow_id and request give the same run; another request under the key is a conflict.';
const SUCCESS: Readonly<Record<number, string>> = { 200: 'Done, or done before', 201: 'Made', 202: 'Begun' };

function content(description: string, schema: string): object {
  return { description, content: json(schema) };
}

function json(schema: string): object {
  return { 'application/json': { schema: { $ref: `${BASE}${schema}` } } };
}

/** The schemas that routes name, and all that those are made of. */
function schemasOf(): Record<string, object> {
  const parts = partsReferringBy(BASE);
  const names = new Set(
    ROUTES.flatMap(({ body, reply }) => [reply, ...(body === null ? [] : [body])]).concat('ApiError'),
  );
  for (const name of names)
    for (const [, next] of JSON.stringify(parts[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      names.add(String(next));
  return Object.fromEntries([...names].sort().map((name) => [name, parts[name] ?? {}]));
}
