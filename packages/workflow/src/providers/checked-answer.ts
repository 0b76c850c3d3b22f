import { StatebagError } from '@statebag/contracts';
import { ANSWER_BYTES } from '@statebag/contracts/limits';
import type { LlmAnswer, LlmRequest } from './llm-provider.ts';

/** What a model said, fit to be recorded. */
export interface CheckedAnswer extends LlmAnswer {
  /** The provider's figures were no counts: these are estimated from the lengths of question and answer. */
  readonly estimated: boolean;
}

/** More than any model takes or gives; a sum of such counts stays exact. */
const MOST_TOKENS = 100_000_000;
/** Characters a token stands for, roughly, in English. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * The door for what any provider answers. The answer was paid for, so all that can be mended is: half of a
 * surrogate pair becomes U+FFFD, and figures that are no counts are estimated.
 * @throws `Llm.AnswerTooLarge`
 */
export function checkedAnswer(request: LlmRequest, answer: LlmAnswer): CheckedAnswer {
  const { max_bytes = ANSWER_BYTES.usual } = request;
  if (Buffer.byteLength(answer.text) > max_bytes) throw answerTooLarge(request.model, max_bytes);
  const text = answer.text.toWellFormed();
  const { input_tokens, output_tokens } = answer;
  if (isCount(input_tokens) && isCount(output_tokens))
    return { text, input_tokens, output_tokens, estimated: false };
  return {
    text,
    input_tokens: isCount(input_tokens) ? input_tokens : tokensIn(textOf(request)),
    output_tokens: isCount(output_tokens) ? output_tokens : tokensIn(text),
    estimated: true,
  };
}

export function answerTooLarge(model: string, max_bytes: number): StatebagError {
  return new StatebagError(
    'Llm.AnswerTooLarge',
    `${model} answered with more than ${max_bytes} bytes; the rest was not read`,
    { details: { max_bytes } },
  );
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;
}

function textOf({ system = '', earlier = [], prompt }: LlmRequest): string {
  return [system, ...earlier.map(({ content }) => content), prompt].join('');
}

function tokensIn(text: string): number {
  return Math.min(MOST_TOKENS, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
}
