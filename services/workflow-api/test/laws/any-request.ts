import { eventFor, ROUTES } from '@statebag/api';
import type { Json } from '@statebag/contracts';
import { law } from '@statebag/law';
import fc from 'fast-check';
import type { ApiTestApp } from '../api-app.ts';

const SEGMENTS = [
  '%ff',
  '%00',
  '%2e%2e',
  '..%2f..',
  'a%2Fb',
  '%E0%A4',
  'ä',
  '💥',
  '*',
  '?',
  'a b',
  'x'.repeat(300),
];
const WORDS = [
  'v3',
  'legacy',
  'SUCCEEDED',
  'NaN',
  '-1',
  '0',
  '1e99',
  '01',
  '9'.repeat(30),
  '',
  '%',
  '\u0000',
  '[',
  'null',
];
const KEYS = [
  'workflow_id',
  'definition_id',
  'workflow',
  'input',
  'upload',
  'generation',
  'node_id',
  'approval_id',
  'choice',
  'comment',
  'data',
  'failed_items',
  'snapshot',
  'name',
  'content',
  'content_type',
  '__proto__',
  'nodes',
  'id',
  'type',
];

/** A request that somebody may send: any route, with what is nearly right in every part of it. */
export function anyRequest(known: readonly string[]) {
  const text = fc.oneof(fc.constantFrom(...WORDS, ...known), fc.string({ unit: 'binary', maxLength: 12 }));
  const json = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(text, fc.constantFrom<Json>(null, true, 0, -1, 1e308, [], {})),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), text), tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const segment = fc.oneof(
    fc.constantFrom(...known),
    fc.constantFrom(...SEGMENTS),
    text.map((each) => (each.isWellFormed() ? encodeURIComponent(each) : '%D8')),
  );
  const query = fc.dictionary(
    fc.constantFrom('limit', 'next', 'at', 'field', 'status', 'workflow_id', 'zzz'),
    text,
    {
      maxKeys: 3,
    },
  );
  const body = fc.oneof(
    fc.constant(undefined),
    json.map((value) => JSON.stringify(value)),
    fc.constantFrom('', '{', '{"a":', '"x"', '[]', '{"workflow_id":"w","workflow_id":"v"}', '\ufeff{}'),
  );
  const headers = fc.dictionary(
    fc.constantFrom('idempotency-key', 'content-type', 'x-other', 'content-encoding'),
    text,
    {
      maxKeys: 2,
    },
  );
  return fc.record({
    route: fc.constantFrom(...ROUTES),
    segment,
    query,
    body,
    headers,
    isBase64: fc.boolean(),
  });
}

/**
 * Law: whatever is asked, the API answers with its own words: it refuses what is wrong as 4xx and never fails. A
 * reply of success is one that the route promises.
 */
export async function everyRequestIsAnswered(
  app: ApiTestApp,
  { known, ...asked }: { readonly known: readonly string[]; readonly cases: number; readonly seed?: number },
): Promise<void> {
  await law(
    fc.asyncProperty(anyRequest(known), async ({ route, segment, query, body, headers, isBase64 }) => {
      const search = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) search.append(name, value.toWellFormed());
      const target = `${route.path.replace(/\{\w+\}/, segment)}?${search}`;
      // what leads to no route is refused before any function is asked
      if (!eventFor({ method: route.method, target, claims: {} })) return;
      const { status, body: said } = await app.call(route.method, target, {
        headers,
        ...(body !== undefined && { body: isBase64 ? Buffer.from(body).toString('base64') : body }),
        isBase64,
      });
      if (status < 400 && !route.success.includes(status))
        throw new Error(`${status} is no success of ${route.key}`);
      if (status < 400) return;
      if (status >= 500 || !KNOWN_REFUSALS.has(status)) throw new Error(`${status}: ${JSON.stringify(said)}`);
      const { code, message, mend } = Object(said['error']);
      if (![code, message, mend].every((part) => typeof part === 'string' && part !== ''))
        throw new Error(`the refusal says nothing: ${JSON.stringify(said)}`);
    }),
    asked,
  );
}

const KNOWN_REFUSALS: ReadonlySet<number> = new Set([400, 401, 404, 409, 410, 413, 429]);
