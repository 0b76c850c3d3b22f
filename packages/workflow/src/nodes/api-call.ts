import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { addressText } from '@statebag/contracts/address-text';
import { shortened } from '@statebag/state-core/core/shortened';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { foreignJson } from '../answers/foreign-json.ts';
import type { Variables } from '../expressions/bounded-evaluation.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { hiddenAnswer } from '../secrets/hidden-texts.ts';
import { hiddenIn, reveal, shownOf, withoutReferences } from '../secrets/reveal.ts';
import { secretsIn } from '../secrets/secret-references.ts';
import type { ConfigOf, ConfigRules } from './config-rules.ts';
import { defineNode, type NodeContext, wrote } from './define-node.ts';
import { RETRY_RULE } from './retry.ts';

const EXPECTED_MILLIS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MOST_BYTES = 5_242_880;

const rules = {
  url: {
    kind: 'template',
    required: true,
    secrets: true,
    doc: "http or https. Private, loopback and link-local addresses are refused unless the deployment allows them. May hold `{{ $secret('name') }}`.",
  },
  method: {
    kind: 'choice',
    of: ['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH'],
    doc: 'GET if not given. Before POST and PATCH the intent is recorded.',
  },
  headers: {
    kind: 'values',
    secrets: true,
    asText: true,
    doc: "Name → value. A key is `{{ $secret('name') }}`.",
  },
  body: {
    kind: 'value',
    secrets: true,
    doc: "A text is sent as it is, anything else as JSON. May hold `{{ $secret('name') }}`.",
  },
  accept_status: {
    kind: 'choice',
    of: ['success', 'any'],
    doc: '`success`: an answer of 400 and above fails the node, if not given otherwise. `any`: it is a result.',
  },
  timeout_ms: { kind: 'integer', least: 100, most: 840_000, doc: 'Longest wait; 30,000 if not given.' },
  max_bytes: { kind: 'integer', least: 1, most: 52_428_800, doc: 'Longest answer; 5 MB if not given.' },
  on_unknown: {
    kind: 'choice',
    of: ['fail', 'retry'],
    doc: 'When an earlier attempt began a POST or PATCH and its outcome is unknown: `fail` if not given.',
  },
  retry: RETRY_RULE,
  expected_ms: { kind: 'integer', least: 1, doc: 'For planning only; 1,000 if not given.' },
} as const satisfies ConfigRules;

/** Calls an HTTP service. */
export const apiCall = defineNode({
  type: 'api_call',
  aliases: ['http', 'http_request'],
  doc: 'Calls an HTTP service and stores `{ "status", "headers", "body" }`; a body of JSON is parsed.',
  rules,
  output: 'required',
  outsideCall: true,
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  run: async (context, config) => {
    const {
      method = 'GET',
      timeout_ms = DEFAULT_TIMEOUT_MS,
      max_bytes = DEFAULT_MOST_BYTES,
      on_unknown = 'fail',
      accept_status = 'success',
    } = config;
    const request = {
      secrets: secretsIn([config.url, config.headers ?? {}, config.body ?? null]),
      evaluate: (variables: Variables) => resolved(context, config, variables),
    };
    const shown = await shownOf(request);
    const result = await context.call({
      input: { method, ...shown },
      unsafe: method === 'POST' || method === 'PATCH' ? on_unknown : false,
      perform: async (key) => {
        const { sent, hide } = await reveal(request, shown, context.secret);
        const keepsBody = JSON.stringify(sent.body) !== JSON.stringify(shown.body);
        const answer = await context
          .http({
            method,
            url: sent.url,
            headers: { ...asTexts(sent.headers), 'idempotency-key': key },
            body: asBody(sent.body),
            ...(keepsBody && { keepsBody }),
            timeout_ms: context.timeLeft(timeout_ms),
            max_bytes,
          })
          .catch(hiddenIn(hide));
        return { result: resultOf(hiddenAnswer(answer, hide), accept_status, shown.url), usage: NO_USAGE };
      },
    });
    return wrote(context.node, result, String(result['status']));
  },
});

type Config = ConfigOf<typeof rules>;

/**
 * What is asked, as the ledger and everybody else may see it; with the values of its secrets, what is sent.
 */
type Shown = { readonly url: string; readonly headers: JsonObject; readonly body: Json };

async function resolved(context: NodeContext, config: Config, variables: Variables): Promise<Shown> {
  const evaluator = context.evaluatorOver({}, variables);
  const url = String(await evaluator.resolve(config.url));
  const headers = await evaluator.resolve(config.headers ?? {});
  return {
    url,
    headers: isJsonObject(headers) ? headers : {},
    body: await evaluator.resolve(config.body ?? null),
  };
}

function asTexts(headers: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function asBody(body: Json): { readonly text: string; readonly type: string } | null {
  if (body === null) return null;
  return typeof body === 'string'
    ? { text: body, type: 'text/plain; charset=utf-8' }
    : { text: JSON.stringify(body), type: 'application/json' };
}

/** What of a refusal stands in the message, in bytes. */
const REFUSAL_BYTES = 1_000;

function resultOf(answer: HttpAnswer, accept: 'success' | 'any', url: string): JsonObject {
  const { status, headers, text } = answer;
  if (accept === 'any' || status < 400)
    return { status, headers, body: parsed(text, headers['content-type'] ?? '') };
  const isPassing = status === 429 || status === 408 || status >= 500;
  const body = shortened(text.trim(), REFUSAL_BYTES);
  const said = body === '' ? '' : `: ${body}`;
  throw new StatebagError(
    isPassing ? 'Http.Unavailable' : 'Http.Refused',
    `${addressText(withoutReferences(url))} answered ${status}${said}`,
    { details: { status, body, end: answer.taken ? 'unknown' : 'answered' } },
  );
}

/** What is said to be JSON and is not, or is JSON that no record can hold, stays the text that it is. */
function parsed(text: string, type: string): Json {
  if (!/[/+]json\b/.test(type)) return text;
  const read = foreignJson(text);
  return read.ok ? read.value : text;
}
