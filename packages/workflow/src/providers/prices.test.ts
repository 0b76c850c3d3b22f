import { expect, test } from '@jest/globals';
import { LIST_PRICES } from './prices.ts';

const MILLION_EACH = { input_tokens: 1_000_000, output_tokens: 1_000_000 };
const NANO = 1e9;

test.each([
  ['gpt-4o-mini', 0.75],
  ['gpt-4o-mini-2024-07-18', 0.75],
  ['gpt-4o', 12.5],
  ['gemini-2.5-flash-lite', 0.5],
  ['claude-sonnet-4-5-20250929', 18],
  ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 18],
  ['amazon.nova-lite-v1:0', 0.3],
  ['default', 0],
  ['gpt-5.9', 0],
])('a million tokens in and out of %s cost $%d', (model, dollars) =>
  expect(LIST_PRICES.costOf(model, MILLION_EACH) / NANO).toBeCloseTo(dollars, 9),
);
