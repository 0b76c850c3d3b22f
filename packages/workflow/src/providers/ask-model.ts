import { type Json, type JsonObject, type ModelCall, type Sha256, StatebagError, type Usage } from '@statebag/contracts';
import { addUsage, NO_USAGE } from '@statebag/state-core';
import type { CallResult } from '../ledger/ledger.ts';
import type { LlmAnswer, LlmProviders, LlmRequest } from './llm-provider.ts';
import { costOf } from './prices.ts';

/** What asking takes besides the question. */
export interface Asking {
  readonly providers: LlmProviders;
  /** The ledger's key of the call. */
  readonly key: Sha256;
  /** The given time, or what is left if that is less: each answer begins later. */
  readonly timeLeft: (millis: number) => number;
  /** Ends it early: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** What makes it this question and no other: the ledger's key is made of it. */
export function questionOf({ provider, model, prompt, system }: ModelCall): JsonObject {
  return { provider, model, prompt, ...(system !== undefined && { system }) };
}

/**
 * Asks until the answer obeys the schema, at most `tries` times. Every answer is paid for, so all of them count.
 * @throws `Llm.OutputInvalid` and whatever the provider throws
 */
export async function askModel(call: ModelCall, asking: Asking): Promise<CallResult> {
  const provider = await asking.providers(call.provider);
  let usage: Usage = NO_USAGE;
  let complaint = '';
  for (let tried = 0; tried < call.tries; tried += 1) {
    const answer = await provider.complete(requestOf(call, { asking, tried, complaint }));
    usage = addUsage(usage, usageOf(call.model, answer));
    const read = await readAnswer(answer.text, call.response_schema);
    if (read.ok) return { result: { answer: read.value }, usage };
    complaint = read.complaint;
  }
  throw new StatebagError('Llm.OutputInvalid', `${call.tries} answers of ${call.model} did not obey response_schema: ${complaint}`, { details: { ...usage } });
}

interface Try {
  readonly asking: Asking;
  readonly tried: number;
  /** What was wrong with the answer before; empty at the first. */
  readonly complaint: string;
}

function requestOf(call: ModelCall, { asking: { key, timeLeft, signal }, tried, complaint }: Try): LlmRequest {
  const { model, prompt, system, temperature, max_tokens, response_schema, timeout_ms } = call;
  return {
    model,
    prompt: complaint === '' ? prompt : `${prompt}\n\nYour last answer was refused: ${complaint}. Answer with JSON that obeys the schema and nothing else.`,
    idempotency_key: tried === 0 ? key : `${key}-${tried}`,
    timeout_ms: timeLeft(timeout_ms),
    ...(system !== undefined && { system }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { max_tokens }),
    ...(response_schema !== undefined && { response_schema }),
    ...(signal !== undefined && { signal }),
  };
}

function usageOf(model: string, answer: LlmAnswer): Usage {
  const { input_tokens, output_tokens } = answer;
  return { llm_calls: 1, input_tokens, output_tokens, cost_nano_usd: costOf(model, answer) };
}

type Read = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly complaint: string };

async function readAnswer(text: string, schema: JsonObject | undefined): Promise<Read> {
  if (!schema) return { ok: true, value: text };
  const { checkAgainstSchema } = await import('./check-against-schema.ts');
  return checkAgainstSchema(text, schema);
}
