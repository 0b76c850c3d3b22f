import type { CostResult, Estimate } from '../cost/estimate.ts';
import { countText, table } from './amounts.ts';

const ROWS: readonly (readonly [string, (estimate: Estimate) => string, (estimate: Estimate) => number])[] = [
  ['Step Functions', ({ amounts }) => `${whole(amounts.transitions)} transitions`, ({ usd }) => usd.step_functions],
  ['Lambda', ({ amounts }) => `${whole(amounts.lambda_requests)} calls, ${amounts.lambda_gb_seconds.toPrecision(3)} GB s`, ({ usd }) => usd.lambda],
  ['S3', ({ amounts }) => `${whole(amounts.s3_puts)} puts, ${whole(amounts.s3_gets)} gets`, ({ usd }) => usd.s3],
  ['DynamoDB', ({ amounts }) => `${whole(amounts.dynamodb_writes)} writes, ${whole(amounts.dynamodb_reads)} reads`, ({ usd }) => usd.dynamodb],
  ['Events', ({ amounts }) => whole(amounts.events), ({ usd }) => usd.events],
  [
    'Tokens',
    ({ amounts }) => `${countText(Math.round(amounts.llm_calls), 'call')}, ${whole(amounts.input_tokens)} in, ${whole(amounts.output_tokens)} out`,
    ({ usd }) => usd.tokens,
  ],
  ['Total', () => '', ({ usd }) => usd.total],
];

/** Amounts and dollars, service by service, a column an estimate. */
export function costText(name: string, { runs, prices_read, estimates }: CostResult): string {
  const columns = Object.entries(estimates);
  const head = columns.length === 1 ? [] : [['', ...columns.flatMap(([mode]) => [mode, ''])]];
  const rows = ROWS.map(([label, amount, dollars]) => [label, ...columns.flatMap(([, estimate]) => [amount(estimate), dollarsText(dollars(estimate))])]);
  const note = columns.length === 1 ? '' : '\nA range, since lists, loops and ways depend on the input: give one with --input.';
  return `${name}, ${countText(runs, 'run')}, list prices of ${prices_read} in US East\n\n${table([...head, ...rows])}\n${note}${note && '\n'}`;
}

function whole(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}

function dollarsText(usd: number): string {
  return usd === 0 ? '$0' : `$${usd >= 0.01 ? usd.toFixed(4) : usd.toPrecision(3)}`;
}
