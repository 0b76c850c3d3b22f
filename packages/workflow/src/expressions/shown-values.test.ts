import { expect, test } from '@jest/globals';
import { cachedParser, createEvaluator } from './create-evaluator.ts';

const VALUE = 's3cret-of-a-person';
const place = { execution_id: 'r', start_time: '2026-01-31T12:00:00Z', node_id: 'n', loop: '', item: '' };
const evaluator = createEvaluator({
  view: { value: VALUE, list: [VALUE], object: { [VALUE]: VALUE } },
  variables: {},
  place,
  parse: cachedParser(),
});

const FAILING: readonly string[] = [
  '$number(value)',
  '-value',
  'value + 1',
  'value * 2',
  'value < 1',
  '{ list: 1 }',
  '[1..value]',
  '$toMillis(value)',
  '$parse(value)',
  "$parse('{\"' & value)",
  '$hash(value, value)',
  '$formatBase(1, $length(value) * 10)',
  '[3, value]^($)',
  '$sum(list)',
  '$value()',
  '$decodeUrl("%" & value)',
  '$match(value, /a/).$number(value)',
];
for (const expression of FAILING)
  test(`what ${expression} met stands in no message`, async () => {
    const failure = await evaluator.resolve(`{% ${expression} %}`).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toContain('s3cret');
  });

test('of two numbers that were met none shows a part of the other', async () => {
  await expect(evaluator.resolve('{% $power(10, 1000) %}')).rejects.toThrow(
    'base=(a number), exponent=(a number) ',
  );
});

test('where a deployment allows it, messages show the beginning of what an expression met', async () => {
  const long = VALUE.repeat(20);
  const showing = createEvaluator({
    view: { value: VALUE, long },
    variables: {},
    place,
    parse: cachedParser(),
    showsValues: true,
  });
  await expect(showing.resolve('{% $number(value) %}')).rejects.toThrow(VALUE);
  const failure = await showing.resolve('{% $number(long) %}').catch(String);
  expect(failure).toContain(VALUE);
  expect(failure).not.toContain(long);
});

test('what an author says with $error is shown as it is', async () => {
  await expect(evaluator.resolve("{% $error('no order ' & 7) %}")).rejects.toThrow('no order 7');
});
