import { type Json, type JsonObject, type Sha256, StatebagError } from '@statebag/contracts';
import type { Usage } from '@statebag/contracts/schemas/history';
import type { ModelCall } from '@statebag/contracts/schemas/model-call';
import { shortened } from '@statebag/state-core/core/shortened';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { CallResult } from '../ledger/ledger.ts';
import { noFiles, type OpenFile, sameContent } from './attached-files.ts';
import { checkedAnswer } from './checked-answer.ts';
import type { LlmAnswer, LlmProvider, LlmProviders, LlmRequest } from './llm-provider.ts';
import { LIST_PRICES, type PriceList } from './prices.ts';
import { GUARDED_ANSWER_TOKENS, NOTHING_SPENT, type Spend } from './spend-guard.ts';

/** What asking takes besides the question. */
export interface Asking {
  readonly providers: LlmProviders;
  /** The ledger's key of the call. */
  readonly key: Sha256;
  /** The given time, or what is left if that is less: each answer begins later. */
  readonly timeLeft: (millis: number) => number;
  readonly openFile?: OpenFile;
  /** Ends it early: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** Asked before each question, where something limits what may be spent. */
  readonly spend?: Spend | null;
  /** Those of the list if not given. */
  readonly prices?: PriceList | undefined;
}

/**
 * What makes it this question and no other: the ledger's key is made of it. A file counts by its content,
 * whatever its name.
 */
export function questionOf({ provider, model, prompt, system, earlier, files }: ModelCall): JsonObject {
  return {
    provider,
    model,
    prompt,
    ...(system !== undefined && { system }),
    ...(earlier !== undefined && { earlier }),
    ...(files !== undefined && { files: files.map(({ media_type, sha256 }) => ({ media_type, sha256 })) }),
  };
}

/**
 * Asks until the answer obeys the schema, at most `tries` times. Every answer is paid for, so all of them
 * count.
 * @throws `Llm.OutputInvalid` and whatever the provider throws
 */
export async function askModel(call: ModelCall, asking: Asking): Promise<CallResult> {
  const provider = await asking.providers(call.provider);
  const { prices = LIST_PRICES } = asking;
  let usage: Usage = NO_USAGE;
  let complaint = '';
  let estimated = false;
  const refused: string[] = [];
  for (let tried = 0; tried < call.tries; tried += 1) {
    const request = requestOf(call, { asking, tried, complaint });
    const answer = checkedAnswer(request, await paidFor(request, { call, asking, provider }));
    estimated ||= answer.estimated;
    usage = addUsage(usage, usageOf(call.model, answer, prices));
    const read = await readAnswer(answer.text, call.response_schema);
    if (read.ok)
      return {
        result: {
          answer: read.value,
          ...(estimated && { usage_estimated: true }),
          ...(refused.length > 0 && { refused: beginningsOf(refused) }),
        },
        usage,
      };
    complaint = read.complaint;
    refused.push(answer.text);
  }
  throw outputInvalid(call, { complaint, refused, usage });
}

interface Paying {
  readonly call: ModelCall;
  readonly asking: Asking;
  readonly provider: LlmProvider;
}

/** The answer, within what may be spent. A question without an answer counts nothing. */
async function paidFor(request: LlmRequest, { call, asking, provider }: Paying): Promise<LlmAnswer> {
  const settle = await asking.spend?.({ ...call, prompt: request.prompt });
  if (!settle) return provider.complete(request);
  const limited = { max_tokens: GUARDED_ANSWER_TOKENS, ...request };
  const answer = await provider.complete(limited).catch(async (error: unknown) => {
    await settle(NOTHING_SPENT);
    throw error;
  });
  const { input_tokens, output_tokens, cost_nano_usd } = usageOf(
    call.model,
    checkedAnswer(limited, answer),
    asking.prices ?? LIST_PRICES,
  );
  await settle({ nano_usd: cost_nano_usd, tokens: input_tokens + output_tokens });
  return answer;
}

/** What of the refused answers is kept, all of them together, in bytes. */
const REFUSED_BYTES = 2_000;

/** The answers were paid for and say best what is wrong: they are kept in the message. */
function outputInvalid(
  { model, tries }: ModelCall,
  { complaint, refused, usage }: { complaint: string; refused: readonly string[]; usage: Usage },
): StatebagError {
  const answers = beginningsOf(refused);
  const said = answers.map((text, index) => `answer ${index + 1}: ${text}`).join('\n');
  return new StatebagError(
    'Llm.OutputInvalid',
    `${tries} answers of ${model} did not obey response_schema: ${complaint}\n${said}`,
    { details: { ...usage, answers } },
  );
}

function beginningsOf(refused: readonly string[]): string[] {
  return refused.map((text) => shortened(text, Math.floor(REFUSED_BYTES / refused.length)));
}

interface Try {
  readonly asking: Asking;
  readonly tried: number;
  /** What was wrong with the answer before; empty at the first. */
  readonly complaint: string;
}

function requestOf(
  call: ModelCall,
  { asking: { key, timeLeft, signal, openFile = noFiles }, tried, complaint }: Try,
): LlmRequest {
  const { model, prompt, system, earlier, files, temperature, max_tokens } = call;
  const { response_schema, timeout_ms, max_bytes } = call;
  return {
    model,
    prompt:
      complaint === ''
        ? prompt
        : `${prompt}\n\nYour last answer was refused: ${complaint}. Answer with JSON that obeys the schema and nothing else.`,
    idempotency_key: tried === 0 ? key : `${key}-${tried}`,
    timeout_ms: timeLeft(timeout_ms),
    ...(system !== undefined && { system }),
    ...(earlier !== undefined && { earlier }),
    ...(files !== undefined && {
      files: files.map((file) => ({ ...file, content: () => sameContent(file, openFile) })),
    }),
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { max_tokens }),
    ...(response_schema !== undefined && { response_schema }),
    ...(max_bytes !== undefined && { max_bytes }),
    ...(signal !== undefined && { signal }),
  };
}

function usageOf(model: string, answer: LlmAnswer, prices: PriceList): Usage {
  const { input_tokens, output_tokens } = answer;
  return { llm_calls: 1, input_tokens, output_tokens, cost_nano_usd: prices.costOf(model, answer) };
}

type Read = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly complaint: string };

async function readAnswer(text: string, schema: JsonObject | undefined): Promise<Read> {
  if (!schema) return { ok: true, value: text };
  const { checkBounded } = await import('./bounded-check.ts');
  return checkBounded(text, schema);
}
