import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { NO_USAGE } from '@statebag/state-core';
import type { ConfigOf, ConfigRules } from '../document/config-rules.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { defineNode, type NodeContext, wrote } from './define-node.ts';

const EXPECTED_MILLIS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MOST_BYTES = 5_242_880;

const rules = {
  url: { kind: 'template', required: true, doc: 'http or https. Private, loopback and link-local addresses are refused unless the deployment allows them.' },
  method: { kind: 'choice', of: ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH'], doc: 'GET if not given. Before POST and PATCH the intent is recorded.' },
  headers: { kind: 'values', doc: 'Name → value.' },
  body: { kind: 'value', doc: 'A text is sent as it is, anything else as JSON.' },
  accept_status: {
    kind: 'choice',
    of: ['success', 'any'],
    doc: '`success`: an answer of 400 and above fails the node, if not given otherwise. `any`: it is a result.',
  },
  timeout_ms: { kind: 'integer', least: 100, most: 840_000, doc: 'Longest wait; 30,000 if not given.' },
  max_bytes: { kind: 'integer', least: 1, most: 52_428_800, doc: 'Longest answer; 5 MB if not given.' },
  on_unknown: { kind: 'choice', of: ['fail', 'retry'], doc: 'When an earlier attempt began a POST or PATCH and its outcome is unknown: `fail` if not given.' },
  expected_ms: { kind: 'integer', least: 1, doc: 'For planning only; 1,000 if not given.' },
} as const satisfies ConfigRules;

/** Calls an HTTP service. */
export const apiCall = defineNode({
  type: 'api_call',
  doc: 'Calls an HTTP service and stores `{ "status", "headers", "body" }`; a body of JSON is parsed.',
  rules,
  output: 'required',
  outsideCall: true,
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  run: async (context, config) => {
    const { url, headers, body } = await resolved(context, config);
    const { method = 'GET', timeout_ms = DEFAULT_TIMEOUT_MS, max_bytes = DEFAULT_MOST_BYTES, on_unknown = 'fail' } = config;
    const result = await context.call({
      input: { method, url, headers, body },
      unsafe: method === 'POST' || method === 'PATCH' ? on_unknown : false,
      perform: async (key) => {
        const sent = { ...asTexts(headers), 'idempotency-key': key };
        const answer = await context.http({ method, url, headers: sent, body: asBody(body), timeout_ms: context.timeLeft(timeout_ms), max_bytes });
        return { result: resultOf(answer, config.accept_status ?? 'success', url), usage: NO_USAGE };
      },
    });
    return wrote(context.node, result, String(result['status']));
  },
});

async function resolved({ evaluator }: NodeContext, config: ConfigOf<typeof rules>): Promise<{ url: string; headers: JsonObject; body: Json }> {
  const url = String(await evaluator.resolve(config.url));
  const headers = await evaluator.resolve(config.headers ?? {});
  return { url, headers: isJsonObject(headers) ? headers : {}, body: await evaluator.resolve(config.body ?? null) };
}

function asTexts(headers: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : JSON.stringify(value)]));
}

function asBody(body: Json): { readonly text: string; readonly type: string } | null {
  if (body === null) return null;
  return typeof body === 'string' ? { text: body, type: 'text/plain; charset=utf-8' } : { text: JSON.stringify(body), type: 'application/json' };
}

function resultOf({ status, headers, text }: HttpAnswer, accept: 'success' | 'any', url: string): JsonObject {
  if (accept === 'any' || status < 400) return { status, headers, body: parsed(text, headers['content-type'] ?? '') };
  const isPassing = status === 429 || status === 408 || status >= 500;
  throw new StatebagError(isPassing ? 'Http.Unavailable' : 'Http.Refused', `${url} answered ${status}`, { details: { status } });
}

function parsed(text: string, type: string): Json {
  if (!/[/+]json\b/.test(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // said to be JSON and is not: the text is what there is
  }
}
