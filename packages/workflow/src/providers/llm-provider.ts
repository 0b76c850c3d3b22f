import type { JsonObject } from '@statebag/contracts';
import type { AttachedFile, ConversationTurn } from '@statebag/contracts/schemas/model-call';

/** A file that goes along with a question; its content is read while it is sent. */
export interface LlmFile extends AttachedFile {
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** One question to a model, fully resolved. */
export interface LlmRequest {
  readonly model: string;
  readonly system?: string;
  /** What was said before the prompt. */
  readonly earlier?: readonly ConversationTurn[];
  readonly prompt: string;
  /** They belong to the prompt. */
  readonly files?: readonly LlmFile[];
  readonly temperature?: number;
  readonly max_tokens?: number;
  /** The answer must be JSON of this schema. */
  readonly response_schema?: JsonObject;
  /** The ledger's key: a service that knows the header answers a repeat without doing the work again. */
  readonly idempotency_key: string;
  readonly timeout_ms: number;
  /** Longest answer, as bytes on the wire. */
  readonly max_bytes?: number;
  /** Ends the call early: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** What the model said, and what it took. */
export interface LlmAnswer {
  readonly text: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

/**
 * All that a node asks of a provider. What it gives is foreign: `checkedAnswer` stands between it and a run.
 * @throws `Llm.AnswerTooLarge`, `Llm.RequestRejected`, `Llm.Refused`, `Llm.Unconfigured`, `Llm.Unavailable`,
 * `Llm.AtCapacity`, or what `signal` was aborted with
 */
export interface LlmProvider {
  complete(request: LlmRequest): Promise<LlmAnswer>;
}

/** Providers by name, loaded when first asked for. @throws `Llm.Unconfigured` */
export type LlmProviders = (name: string) => Promise<LlmProvider>;
