import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { LlmAnswer, LlmProvider, LlmRequest } from './llm-provider.ts';

/** Where the service is and who asks. From the deployment's configuration, never from a workflow. */
export interface OpenAiCompatibleSettings {
  /** Ends before `/chat/completions`, e.g. `https://api.openai.com/v1`. */
  readonly base_url: string;
  readonly api_key: string;
}

/** Any service that speaks OpenAI's chat completions. One request a call: trying again is the state machine's business, which the ledger makes cheap. */
export function openAiCompatibleProvider({ base_url, api_key }: OpenAiCompatibleSettings): LlmProvider {
  const client = createOpenAICompatible({ name: 'openai-compatible', baseURL: base_url, apiKey: api_key, supportsStructuredOutputs: true });
  return {
    async complete(request) {
      try {
        return answerOf(await client(request.model).doGenerate(callOptions(request)));
      } catch (error) {
        throw failureOf(request, error);
      }
    },
  };
}

type Model = ReturnType<ReturnType<typeof createOpenAICompatible>>;
type Generated = Awaited<ReturnType<Model['doGenerate']>>;

function callOptions({
  system,
  prompt,
  temperature,
  max_tokens,
  response_schema,
  idempotency_key,
  timeout_ms,
}: LlmRequest): Parameters<Model['doGenerate']>[0] {
  return {
    prompt: [...(system === undefined ? [] : [{ role: 'system' as const, content: system }]), { role: 'user', content: [{ type: 'text', text: prompt }] }],
    headers: { 'Idempotency-Key': idempotency_key },
    abortSignal: AbortSignal.timeout(timeout_ms),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
    ...(response_schema !== undefined && { responseFormat: { type: 'json' as const, name: 'answer', schema: response_schema as object } }),
  };
}

function answerOf({ content, usage }: Generated): LlmAnswer {
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { text, input_tokens: usage.inputTokens.total ?? 0, output_tokens: usage.outputTokens.total ?? 0 };
}

/** Statuses that say "later": time-out, conflict, too many requests. Everything else below 500 will not get better. */
const LATER: ReadonlySet<number> = new Set([408, 409, 429]);

function failureOf({ model, timeout_ms }: LlmRequest, error: unknown): StatebagError {
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (status === undefined) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return new StatebagError('Llm.Unavailable', timedOut ? `${model} did not answer within ${timeout_ms} ms` : `${model}: ${message}`, { cause: error });
  }
  if (status === 401 || status === 403) return new StatebagError('Llm.Unconfigured', `the provider refused the key (${status}): ${message}`, { cause: error });
  const code = status >= 500 || LATER.has(status) ? 'Llm.Unavailable' : 'Llm.RequestRejected';
  return new StatebagError(code, `the provider answered ${status} for ${model}: ${message}`, { cause: error, details: { status } });
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as JsonObject; // looked at below
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : undefined;
}
