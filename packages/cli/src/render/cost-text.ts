import type { CostResult, Estimate } from '@statebag/cost';
import { countText, table } from './amounts.ts';

const ROWS: readonly (readonly [string, (estimate: Estimate) => string, (estimate: Estimate) => number])[] = [
  [
    'Step Functions',
    ({ amounts }) => `${whole(amounts.transitions)} transitions`,
    ({ usd }) => usd.step_functions,
  ],
  [
    'Lambda',
    ({ amounts }) =>
      `${whole(amounts.lambda_requests)} calls, ${amounts.lambda_gb_seconds.toPrecision(3)} GB s`,
    ({ usd }) => usd.lambda,
  ],
  [
    'S3',
    ({ amounts }) => `${whole(amounts.s3_puts)} puts, ${whole(amounts.s3_gets)} gets`,
    ({ usd }) => usd.s3,
  ],
  [
    'DynamoDB',
    ({ amounts }) => `${whole(amounts.dynamodb_writes)} writes, ${whole(amounts.dynamodb_reads)} reads`,
    ({ usd }) => usd.dynamodb,
  ],
  ['Events', ({ amounts }) => whole(amounts.events), ({ usd }) => usd.events],
  [
    'Tokens',
    ({ amounts: { llm_calls, input_tokens, output_tokens } }) =>
      `${countText(Math.round(llm_calls), 'call')}, ${whole(input_tokens)} in, ${whole(output_tokens)} out`,
    ({ usd }) => usd.tokens,
  ],
  ['Total', () => '', ({ usd }) => usd.total],
];

const RANGE_NOTE =
  '\nA range, because lists, loops and branches depend on the input. For one figure, add --input.\n';

/** Amounts and dollars of each service; one column for each estimate. */
export function costText(name: string, { runs, prices_read, estimates }: CostResult): string {
  const columns = Object.entries(estimates);
  const head = columns.length === 1 ? [] : [['', ...columns.flatMap(([mode]) => [mode, ''])]];
  const rows = ROWS.map(([label, amount, dollars]) => [
    label,
    ...columns.flatMap(([, estimate]) => [amount(estimate), dollarsText(dollars(estimate))]),
  ]);
  const title = `${name}, ${countText(runs, 'run')}, list prices of ${prices_read} in US East`;
  return `${title}\n\n${table([...head, ...rows])}\n${columns.length === 1 ? '' : RANGE_NOTE}`;
}

function whole(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}

function dollarsText(usd: number): string {
  return usd === 0 ? '$0' : `$${usd >= 0.01 ? usd.toFixed(4) : usd.toPrecision(3)}`;
}
