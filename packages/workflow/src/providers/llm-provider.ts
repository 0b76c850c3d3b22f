import type { JsonObject } from '@statebag/contracts';

/** One question to a model, fully resolved. */
export interface LlmRequest {
  readonly model: string;
  readonly system?: string;
  readonly prompt: string;
  readonly temperature?: number;
  readonly max_tokens?: number;
  /** The answer must be JSON of this schema. */
  readonly response_schema?: JsonObject;
  /** The ledger's key: a service that knows the header answers a repeat without doing the work again. */
  readonly idempotency_key: string;
  readonly timeout_ms: number;
  /** Ends the call early: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** What the model said, and what it took. */
export interface LlmAnswer {
  readonly text: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
}

/** All that a node asks of a provider. @throws `Llm.RequestRejected`, `Llm.Refused`, `Llm.Unconfigured`, `Llm.Unavailable`, or what `signal` was aborted with */
export interface LlmProvider {
  complete(request: LlmRequest): Promise<LlmAnswer>;
}

/** Providers by name, loaded when first asked for. @throws `Llm.Unconfigured` */
export type LlmProviders = (name: string) => Promise<LlmProvider>;
