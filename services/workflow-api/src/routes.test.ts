import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROUTES } from '@statebag/api';
import * as validators from '@statebag/contracts/validators';
import { parse } from 'yaml';

const SERVICE = join(import.meta.dirname, '..');

interface Template {
  readonly functions: Readonly<
    Record<
      string,
      {
        readonly events: readonly {
          readonly httpApi: { readonly method: string; readonly path: string; readonly authorizer: string };
        }[];
      }
    >
  >;
}

test('the template has the functions of the table, each behind its route and the authoriser', () => {
  const { functions }: Template = parse(readFileSync(join(SERVICE, 'serverless.yml'), 'utf8'));
  const routes = Object.entries(functions).map(([key, { events }]) => ({ key, ...events[0]?.httpApi }));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the framework's
  const authorizer = '${file(./authorizer.cjs):route}';
  const byKey = (left: { key: string }, right: { key: string }) => left.key.localeCompare(right.key);
  expect(routes.sort(byKey)).toEqual(
    ROUTES.map(({ key, method, path }) => ({ key, method, path, authorizer })).sort(byKey),
  );
});

test('every body and reply has a schema', () => {
  for (const { body, reply } of ROUTES)
    for (const name of [body, reply]) if (name !== null) expect(validators).toHaveProperty(`validate${name}`);
});
