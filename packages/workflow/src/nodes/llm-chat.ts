import { type Json, type JsonObject, StatebagError, type Usage } from '@statebag/contracts';
import type { ConfigOf, ConfigRules } from '../document/config-rules.ts';
import type { LlmProvider } from '../providers/llm-provider.ts';
import { costOf } from '../providers/prices.ts';
import { defineNode, type NodeContext, wrote } from './define-node.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_TRIES = 2;
const EXPECTED_MILLIS = 10_000;

const rules = {
  prompt: { kind: 'template', required: true, doc: 'What is asked. `{{ … }}` fills in values of the state.' },
  system: { kind: 'template', doc: 'Standing instructions for the model.' },
  provider: { kind: 'text', doc: 'Name of a provider of the deployment; `mock` if not given.' },
  model: { kind: 'text', doc: 'Name of the model; `default` if not given.' },
  temperature: { kind: 'number', least: 0, most: 2, doc: 'How freely the model chooses its words.' },
  max_tokens: { kind: 'integer', least: 1, most: 200_000, doc: 'Longest answer.' },
  response_schema: { kind: 'schema', doc: 'JSON Schema of the answer. An answer that does not obey it is asked for again.' },
  tries: { kind: 'integer', least: 1, most: 5, doc: 'How often an answer that does not obey the schema is asked for; 2 if not given.' },
  timeout_ms: { kind: 'integer', least: 100, most: 840_000, doc: 'Longest wait for one answer; 60,000 if not given.' },
  expected_ms: { kind: 'integer', least: 1, doc: 'For planning only: how long an answer usually takes; 10,000 if not given.' },
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
    const question = await resolveQuestion(context, config);
    const { answer } = await context.call({
      input: question.input,
      unsafe: false,
      perform: async (key) => ask(await context.providers(question.provider), question, key),
    });
    return wrote(context.node, answer ?? null);
  },
});

interface Question {
  readonly provider: string;
  readonly model: string;
  readonly tries: number;
  /** For the next answer: each begins later. */
  readonly timeout: () => number;
  readonly schema: JsonObject | undefined;
  /** What makes it this question and no other: the ledger's key is made of it. */
  readonly input: { readonly provider: string; readonly model: string; readonly prompt: string; readonly system?: string };
  readonly temperature: number | undefined;
  readonly max_tokens: number | undefined;
}

async function resolveQuestion({ evaluator, timeLeft }: NodeContext, config: ConfigOf<typeof rules>): Promise<Question> {
  const { provider = 'mock', model = 'default', tries = DEFAULT_TRIES, timeout_ms = DEFAULT_TIMEOUT_MS } = config;
  const prompt = asText(await evaluator.resolve(config.prompt));
  const system = config.system === undefined ? {} : { system: asText(await evaluator.resolve(config.system)) };
  const { response_schema: schema, temperature, max_tokens } = config;
  return { provider, model, tries, timeout: () => timeLeft(timeout_ms), schema, temperature, max_tokens, input: { provider, model, prompt, ...system } };
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function ask(provider: LlmProvider, question: Question, key: string): Promise<{ result: JsonObject; usage: Usage }> {
  const { prompt, system } = question.input;
  let usage: Usage = { llm_calls: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 };
  let complaint = '';
  for (let tried = 0; tried < question.tries; tried += 1) {
    const answer = await provider.complete({
      model: question.model,
      prompt: complaint === '' ? prompt : `${prompt}\n\nYour last answer was refused: ${complaint}. Answer with JSON that obeys the schema and nothing else.`,
      idempotency_key: tried === 0 ? key : `${key}-${tried}`,
      timeout_ms: question.timeout(),
      ...(system !== undefined && { system }),
      ...(question.temperature !== undefined && { temperature: question.temperature }),
      ...(question.max_tokens !== undefined && { max_tokens: question.max_tokens }),
      ...(question.schema !== undefined && { response_schema: question.schema }),
    });
    usage = counted(usage, question.model, answer);
    const read = await readAnswer(answer.text, question.schema);
    if (read.ok) return { result: { answer: read.value }, usage };
    complaint = read.complaint;
  }
  throw new StatebagError('Llm.OutputInvalid', `${question.tries} answers of ${question.model} did not obey response_schema: ${complaint}`);
}

function counted(usage: Usage, model: string, answer: { readonly input_tokens: number; readonly output_tokens: number }): Usage {
  return {
    llm_calls: usage.llm_calls + 1,
    input_tokens: usage.input_tokens + answer.input_tokens,
    output_tokens: usage.output_tokens + answer.output_tokens,
    cost_nano_usd: usage.cost_nano_usd + costOf(model, answer),
  };
}

type Read = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly complaint: string };

async function readAnswer(text: string, schema: JsonObject | undefined): Promise<Read> {
  if (!schema) return { ok: true, value: text };
  const { checkAgainstSchema } = await import('../providers/check-against-schema.ts');
  return checkAgainstSchema(text, schema);
}
