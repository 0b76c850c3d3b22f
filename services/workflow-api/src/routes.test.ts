import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as validators from '@statebag/contracts/validators';
import { parse } from 'yaml';
import { eventFor } from './client/api-request.ts';
import { ROUTES } from './routes.ts';

const SERVICE = join(import.meta.dirname, '..');

interface Template {
  readonly functions: Readonly<
    Record<string, { readonly events: readonly { readonly httpApi: { readonly method: string; readonly path: string; readonly authorizer: object } }[] }>
  >;
}

test('the template has the functions of the table, each behind its route and the authoriser', () => {
  const { functions }: Template = parse(readFileSync(join(SERVICE, 'serverless.yml'), 'utf8'));
  const routes = Object.entries(functions).map(([key, { events }]) => ({ key, ...events[0]?.httpApi }));
  const authorizer = { name: 'tokens' };
  const byKey = (left: { key: string }, right: { key: string }) => left.key.localeCompare(right.key);
  expect(routes.sort(byKey)).toEqual(ROUTES.map(({ key, method, path }) => ({ key, method, path, authorizer })).sort(byKey));
});

test('every body and reply has a schema', () => {
  for (const { body, reply } of ROUTES) for (const name of [body, reply]) if (name !== null) expect(validators).toHaveProperty(`validate${name}`);
});

test('a request is led to its function with the parameters of its path', () => {
  const claims = { iss: 'i', sub: 's' };
  const found = eventFor({ method: 'GET', target: '/runs/r%201/history?limit=3', claims });
  expect(found).toMatchObject({ route: { key: 'runHistory' }, event: { pathParameters: { run_id: 'r 1' }, queryStringParameters: { limit: '3' } } });
  expect(eventFor({ method: 'GET', target: '/runs/', claims })).toBeUndefined();
  for (const target of ['/', '/runs/a/b/c', '/nothing']) expect(eventFor({ method: 'GET', target, claims })).toBeUndefined();
  expect(eventFor({ method: 'DELETE', target: '/runs', claims })).toBeUndefined();
});
