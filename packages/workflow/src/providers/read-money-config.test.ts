import { expect, test } from '@jest/globals';
import { readMoneyConfig } from './read-money-config.ts';

const MILLION_EACH = { input_tokens: 1_000_000, output_tokens: 1_000_000 };

test('prices of a deployment stand beside those of the list, and in their place', () => {
  const own = { 'gpt-4o': { input: 1, output: 2 }, 'own-model': { input: 0.035, output: 0.5 } };
  const { prices } = readMoneyConfig({ MODEL_PRICES: JSON.stringify(own) });
  const dollars = (model: string) => prices.costOf(model, MILLION_EACH) / 1e9;
  expect(dollars('gpt-4o-2024-08-06')).toBeCloseTo(3, 9);
  expect(dollars('own-model-v2')).toBeCloseTo(0.535, 9);
  expect(dollars('gpt-4o-mini')).toBeCloseTo(0.75, 9);
  expect(prices.isPriced('another')).toBe(false);
});

test('what an owner may spend on a day is a limit, or nothing', () => {
  expect(readMoneyConfig({}).ownersDay).toBeUndefined();
  expect(readMoneyConfig({ OWNER_DAY_LIMIT: '{"max_cost_usd":20}' }).ownersDay).toEqual({ max_cost_usd: 20 });
});

test.each([
  ['MODEL_PRICES', '{'],
  ['MODEL_PRICES', '[]'],
  ['MODEL_PRICES', '{"gpt-4o":{"input":1}}'],
  ['MODEL_PRICES', '{"gpt-4o":{"input":1,"output":-1}}'],
  ['MODEL_PRICES', '{"gpt-4o":{"input":1,"output":1,"cached":1}}'],
  ['OWNER_DAY_LIMIT', '{}'],
  ['OWNER_DAY_LIMIT', '{"max_cost":1}'],
  ['OWNER_DAY_LIMIT', '{"max_tokens":0.5}'],
])('%s of %s is named', (name, text) => {
  expect(() => readMoneyConfig({ [name]: text })).toThrow(new RegExp(name));
});
