import type { AsyncModelCall, Json, ModelCall } from '@statebag/contracts';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { ConfigOf, ConfigRules } from '../document/config-rules.ts';
import type { RecordedCall } from '../ledger/ledger.ts';
import { askModel, questionOf } from '../providers/ask-model.ts';
import { answerPlace, defineNode, type HandOver, type NodeContext, wrote } from './define-node.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
/** As long as a worker of its own may take. */
const LONGEST_TIMEOUT_MS = 840_000;
const DEFAULT_TRIES = 2;
const EXPECTED_MILLIS = 10_000;
/** The worker's own limit, and a minute to begin. */
const WORKER_SECONDS = 960;

const rules = {
  prompt: { kind: 'template', required: true, doc: 'What is asked. `{{ … }}` fills in values of the state.' },
  system: { kind: 'template', doc: 'Standing instructions for the model.' },
  provider: { kind: 'text', doc: 'Name of a provider of the deployment; `mock` if not given.' },
  model: { kind: 'text', doc: 'Name of the model; `default` if not given.' },
  temperature: { kind: 'number', least: 0, most: 2, doc: 'How freely the model chooses its words.' },
  max_tokens: { kind: 'integer', least: 1, most: 200_000, doc: 'Longest answer.' },
  response_schema: { kind: 'schema', doc: 'JSON Schema of the answer. An answer that does not obey it is asked for again.' },
  tries: { kind: 'integer', least: 1, most: 5, doc: 'How often an answer that does not obey the schema is asked for; 2 if not given.' },
  timeout_ms: {
    kind: 'integer',
    least: 100,
    most: LONGEST_TIMEOUT_MS,
    doc: 'Longest wait for one answer; 60,000 if not given, 840,000 where a worker of its own asks.',
  },
  expected_ms: {
    kind: 'integer',
    least: 1,
    doc: 'How long an answer usually takes, for planning; 10,000 if not given. Longer than a segment may take: as with `async`.',
  },
  async: {
    kind: 'flag',
    doc: 'A worker of its own asks, and the run waits without anything else running. Inside of lists the answer is waited for as usual.',
  },
} as const satisfies ConfigRules;

/** Asks a language model. */
export const llmChat = defineNode({
  type: 'llm_chat',
  doc: 'Asks a language model; the answer is stored in `output_key`, as text or, with a `response_schema`, as JSON that obeys it.',
  rules,
  output: 'required',
  outsideCall: true,
  expectedMillis: ({ expected_ms }) => expected_ms ?? EXPECTED_MILLIS,
  run: async (context, config) => {
    const call = await resolveCall(context, config);
    if (!context.node.hands_over) return wrote(context.node, await askedHere(context, call));
    const found = await context.recorded(questionOf(call));
    return found.recorded ? wrote(context.node, found.recorded.result['answer'] ?? null) : handOver(context, call, found);
  },
});

async function resolveCall({ evaluator, node }: NodeContext, config: ConfigOf<typeof rules>): Promise<ModelCall> {
  const { provider = 'mock', model = 'default', tries = DEFAULT_TRIES, temperature, max_tokens, response_schema } = config;
  const { timeout_ms = node.hands_over ? LONGEST_TIMEOUT_MS : DEFAULT_TIMEOUT_MS } = config;
  return {
    ...{ provider, model, tries, timeout_ms, prompt: asText(await evaluator.resolve(config.prompt)) },
    ...(config.system !== undefined && { system: asText(await evaluator.resolve(config.system)) }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { max_tokens }),
    ...(response_schema !== undefined && { response_schema }),
  };
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function askedHere({ call, providers, timeLeft }: NodeContext, question: ModelCall): Promise<Json> {
  const { answer } = await call({ input: questionOf(question), unsafe: false, perform: (key) => askModel(question, { providers, key, timeLeft }) });
  return answer ?? null;
}

function handOver({ node }: NodeContext, question: ModelCall, { key, place }: RecordedCall): HandOver {
  const { node_version, loop, item } = place;
  const call: AsyncModelCall = { schema_version: 1, ...question, node_version, loop, item, input_sha256: sha256Of(canonicalJson(questionOf(question))) };
  return {
    kind: 'hand-over',
    status: 'PAUSED_FOR_ASYNC_LLM',
    wait_until: null,
    request: { kind: 'async_llm', ...answerPlace(node), ledger_key: key, call, timeout_seconds: WORKER_SECONDS },
  };
}
