import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4GenerateResult,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import { StatebagError } from '@statebag/contracts';
import { ANSWER_BYTES } from '@statebag/contracts/limits';
import { answerTooLarge } from './checked-answer.ts';
import { llmFailure } from './llm-failure.ts';
import type { LlmAnswer, LlmProvider, LlmRequest } from './llm-provider.ts';
import { patientFetch } from './patient-fetch.ts';
import { streamedFiles, wholeFiles } from './send-files.ts';
import { withFigures } from './usage-figures.ts';

/** What tells one provider of the AI SDK from another. */
export interface AiSdkAdapter {
  readonly model: (name: string, fetch: typeof globalThis.fetch) => Pick<LanguageModelV4, 'doGenerate'>;
  /** The header under which the service knows a repeat; left out where its API has none. */
  readonly idempotencyHeader?: string;
  readonly providerOptions?: (
    request: LlmRequest,
  ) => NonNullable<LanguageModelV4CallOptions['providerOptions']>;
  /** Taken out of every message: some services quote the key they refuse. */
  readonly secret?: string;
  /** Its requests are signed, so files stand in them from the beginning. */
  readonly filesWhole?: true;
}

/**
 * A provider of the AI SDK as ours. One request a call: trying again is the state machine's business, which
 * the ledger makes cheap.
 */
export function aiSdkProvider(adapter: AiSdkAdapter): LlmProvider {
  return {
    async complete(request) {
      const timeout = AbortSignal.timeout(request.timeout_ms);
      const limit = answerLimit(request);
      const { files: attached = [] } = request;
      const files = adapter.filesWhole ? await wholeFiles(attached) : streamedFiles(attached);
      try {
        const abortSignal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
        const model = adapter.model(request.model, withFigures(files.through(patientFetch(limit))));
        const options = callOptions(request, files.parts, adapter);
        return answerOf(request, await model.doGenerate({ ...options, abortSignal }));
      } catch (error) {
        // The SDK wraps what ended the answer into an error of its own.
        if (limit.reached()) throw limit.tooLarge();
        if (files.failure() !== undefined) throw files.failure();
        if (request.signal?.aborted) throw request.signal.reason;
        if (timeout.aborted)
          throw new StatebagError(
            'Llm.Unavailable',
            `${request.model} did not answer within ${request.timeout_ms} ms`,
            { cause: error },
          );
        throw llmFailure(request.model, error, adapter.secret);
      }
    },
  };
}

function answerLimit({ model, max_bytes: bytes = ANSWER_BYTES.usual }: LlmRequest) {
  let reached = false;
  const tooLarge = () => {
    reached = true;
    return answerTooLarge(model, bytes);
  };
  return { bytes, tooLarge, reached: () => reached };
}

function callOptions(
  request: LlmRequest,
  files: readonly LanguageModelV4FilePart[],
  { idempotencyHeader, providerOptions }: AiSdkAdapter,
): LanguageModelV4CallOptions {
  const { temperature, max_tokens, response_schema } = request;
  return {
    prompt: messagesOf(request, files),
    ...(idempotencyHeader !== undefined && { headers: { [idempotencyHeader]: request.idempotency_key } }),
    ...(providerOptions && { providerOptions: providerOptions(request) }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { maxOutputTokens: max_tokens }),
    ...(response_schema !== undefined && {
      responseFormat: { type: 'json' as const, name: 'answer', schema: response_schema as object },
    }),
  };
}

/** Each provider of the SDK gives the roles the names that its service knows. */
function messagesOf(
  { system, earlier = [], prompt }: LlmRequest,
  files: readonly LanguageModelV4FilePart[],
): LanguageModelV4Prompt {
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...earlier.map(({ role, content }) => ({ role, content: [{ type: 'text' as const, text: content }] })),
    { role: 'user', content: [...files, { type: 'text', text: prompt }] },
  ];
}

function answerOf(
  { model }: LlmRequest,
  { content, usage, finishReason }: LanguageModelV4GenerateResult,
): LlmAnswer {
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  if (finishReason.unified === 'content-filter')
    throw new StatebagError(
      'Llm.Refused',
      `${model} refused to answer (${finishReason.raw ?? 'content filter'})`,
      {
        details: { input_tokens: usage.inputTokens.total ?? 0, output_tokens: usage.outputTokens.total ?? 0 },
      },
    );
  return { text, input_tokens: usage.inputTokens.total ?? 0, output_tokens: usage.outputTokens.total ?? 0 };
}
