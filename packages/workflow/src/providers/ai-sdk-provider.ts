import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import { StatebagError } from '@statebag/contracts';
import { llmFailure } from './llm-failure.ts';
import type { LlmAnswer, LlmProvider, LlmRequest } from './llm-provider.ts';

/** What tells one provider of the AI SDK from another. */
export interface AiSdkAdapter {
  readonly model: (name: string) => Pick<LanguageModelV4, 'doGenerate'>;
  /** The header under which the service knows a repeat; left out where its API has none. */
  readonly idempotencyHeader?: string;
  readonly providerOptions?: (request: LlmRequest) => NonNullable<LanguageModelV4CallOptions['providerOptions']>;
  /** Taken out of every message: some services quote the key they refuse. */
  readonly secret?: string;
}

/** A provider of the AI SDK as ours. One request a call: trying again is the state machine's business, which the ledger makes cheap. */
export function aiSdkProvider(adapter: AiSdkAdapter): LlmProvider {
  return {
    async complete(request) {
      const timeout = AbortSignal.timeout(request.timeout_ms);
      try {
        const abortSignal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
        return answerOf(request, await adapter.model(request.model).doGenerate({ ...callOptions(request, adapter), abortSignal }));
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        if (timeout.aborted) throw new StatebagError('Llm.Unavailable', `${request.model} did not answer within ${request.timeout_ms} ms`, { cause: error });
        throw llmFailure(request.model, error, adapter.secret);
      }
    },
  };
}

function callOptions(request: LlmRequest, { idempotencyHeader, providerOptions }: AiSdkAdapter): LanguageModelV4CallOptions {
  const { system, prompt, temperature, max_tokens, response_schema } = request;
  return {
    prompt: [...(system === undefined ? [] : [{ role: 'system' as const, content: system }]), { role: 'user', content: [{ type: 'text', text: prompt }] }],
    ...(idempotencyHeader !== undefined && { headers: { [idempotencyHeader]: request.idempotency_key } }),
    ...(providerOptions && { providerOptions: providerOptions(request) }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
    ...(response_schema !== undefined && { responseFormat: { type: 'json' as const, name: 'answer', schema: response_schema as object } }),
  };
}

function answerOf({ model }: LlmRequest, { content, usage, finishReason }: LanguageModelV4GenerateResult): LlmAnswer {
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  if (finishReason.unified === 'content-filter')
    throw new StatebagError('Llm.Refused', `${model} refused to answer (${finishReason.raw ?? 'content filter'})`, {
      details: { input_tokens: usage.inputTokens.total ?? 0, output_tokens: usage.outputTokens.total ?? 0 },
    });
  return { text, input_tokens: usage.inputTokens.total ?? 0, output_tokens: usage.outputTokens.total ?? 0 };
}
