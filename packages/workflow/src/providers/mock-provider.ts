import type { LlmProvider } from './llm-provider.ts';
import { chanceFrom, prose, valueFor } from './mock-answer.ts';

/** Characters a token stands for, roughly, in English. */
const CHARACTERS_PER_TOKEN = 4;

/** Answers without a model: the same question always the same answer, in the form that was asked for. */
export const mockProvider: LlmProvider = {
  async complete({ model, system = '', earlier = [], prompt, files = [], response_schema }) {
    const before = earlier.map(({ content }) => content);
    const chance = chanceFrom(
      JSON.stringify([model, system, ...before, prompt, ...files.map(({ sha256 }) => sha256)]),
    );
    const text = response_schema
      ? JSON.stringify(valueFor(response_schema, prompt, chance))
      : prose(prompt, chance);
    return {
      text,
      input_tokens: tokensOf([system, ...before, prompt].join('')),
      output_tokens: tokensOf(text),
    };
  },
};

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
