import type { CostResult, Estimate } from '@statebag/cost';
import type { LimitView, RunCost } from '../cost/run-cost.ts';
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
  const title = `${name}, ${countText(runs, 'run')}, list prices of ${prices_read} in US East`;
  const note = Object.keys(estimates).length === 1 ? '' : RANGE_NOTE;
  return `${title}\n\n${columnsText(estimates)}\n${note}`;
}

function columnsText(estimates: CostResult['estimates']): string {
  const columns = Object.entries(estimates);
  const head = columns.length === 1 ? [] : [['', ...columns.flatMap(([mode]) => [mode, ''])]];
  const rows = ROWS.map(([label, amount, dollars]) => [
    label,
    ...columns.flatMap(([, estimate]) => [amount(estimate), dollarsText(dollars(estimate))]),
  ]);
  return table([...head, ...rows]);
}

/** What a run cost, beside its estimate and its bound. */
export function runCostText(found: RunCost): string {
  const { run, status, prices_read, estimates, nodes, limits } = found;
  const blocks = [
    `${run} ${status}, list prices of ${prices_read} in US East`,
    columnsText({ ...estimates }),
    reconciledText(found),
  ];
  if (nodes.length > 0) blocks.push(`model calls by node\n${table(nodes.map(nodeRow))}`);
  if (limits.length > 0) blocks.push(`limits\n${table(limits.map(limitRow))}`);
  return `${blocks.join('\n\n')}\n`;
}

function reconciledText({ apart, not_rehearsed }: RunCost): string {
  if (apart === null) return `Not rehearsed: ${not_rehearsed}.`;
  const share = `${(apart * 100).toFixed(1)} %`;
  return apart <= RECONCILED
    ? `Reconciled: rehearsed with the tokens and times of the run it comes to what happened, but for ${share}.`
    : `Not reconciled: rehearsed with the tokens and times of the run it comes to something else, by ${share}. It was repeated, went another way, or its machine was busy: compare the rows above.`;
}

const RECONCILED = 0.05;

function nodeRow(node: RunCost['nodes'][number]): string[] {
  const { node_id, llm_calls, input_tokens, output_tokens, cost_nano_usd } = node;
  const tokens = `${whole(input_tokens)} in, ${whole(output_tokens)} out`;
  return ['  ', node_id, countText(llm_calls, 'call'), tokens, dollarsText(cost_nano_usd / 1e9)];
}

function limitRow({ whose, max_cost_usd, max_tokens, counted }: LimitView): string[] {
  const money = max_cost_usd === undefined ? '' : ` of ${dollarsText(max_cost_usd)}`;
  const tokens = max_tokens === undefined ? '' : ` of ${whole(max_tokens)}`;
  return [
    '  ',
    whose,
    `${dollarsText(counted.nano_usd / 1e9)}${money}`,
    `${whole(counted.tokens)}${tokens} tokens`,
  ];
}

function whole(amount: number): string {
  return Math.round(amount).toLocaleString('en-US');
}

function dollarsText(usd: number): string {
  return usd === 0 ? '$0' : `$${usd >= 0.01 ? usd.toFixed(4) : usd.toPrecision(3)}`;
}
