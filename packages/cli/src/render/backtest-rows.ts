import type { FieldDifference, Took } from '@statebag/rollout/backtest';
import type { BacktestReport } from '../backtest/backtest-report.ts';
import { countText, durationText } from './amounts.ts';

/** The figures of a report, row by row: the same in a terminal, in Markdown and on a page. */
export function figureRows({ summary }: BacktestReport): readonly (readonly [string, string])[] {
  const { same, different, failed, open, judged, paid } = summary;
  return [
    ['same', String(same)],
    ['different', `${different}${judged === null ? '' : judgedText(judged)}`],
    ['failed', String(failed)],
    ...(open === 0 ? [] : [['not tried', String(open)] as const]),
    ['paid for it', `${dollars(paid.cost_nano_usd)} for ${countText(paid.llm_calls, 'model call')}`],
  ];
}

function judgedText({
  passed,
  refused,
  undecided,
}: NonNullable<BacktestReport['summary']['judged']>): string {
  const unsure = undecided === 0 ? '' : `, not decided ${undecided}`;
  return ` (the judge: passed ${passed}, refused ${refused}${unsure})`;
}

/** Cost, tokens and time of the runs that have a result on both sides. */
export function beforeAfterRows({ summary }: BacktestReport): readonly (readonly string[])[] {
  const { before, after } = summary;
  const row = (name: string, pick: (took: Took) => string) => [name, pick(before), pick(after)];
  return [
    row('cost of models', ({ usage }) => dollars(usage.cost_nano_usd)),
    row('model calls', ({ usage }) => usage.llm_calls.toLocaleString('en-US')),
    row('tokens', ({ usage }) => (usage.input_tokens + usage.output_tokens).toLocaleString('en-US')),
    row('time in nodes', ({ node_ms }) => durationText(node_ms)),
  ];
}

export function dollars(nano: number): string {
  return `$${(nano / 1e9).toFixed(4)}`;
}

/** A value of an example, cut to what fits a line. */
export function exampleText({ before, after }: FieldDifference, width: number): readonly [string, string] {
  const cut = (text: string | null) => {
    const shown = text ?? '–';
    return shown.length > width ? `${shown.slice(0, width - 1)}…` : shown;
  };
  return [cut(before), cut(after)];
}

/** What the report is about, in one line. */
export function titleOf({ id, workflow, summary }: BacktestReport): string {
  return `${id}: ${workflow} on ${countText(summary.runs, 'past run')}`;
}

/** What was compared and judged, and how the backtest ended. */
export function noteLines({ compared, judge, ended, max_cost_usd, summary }: BacktestReport): string[] {
  const what = compared === 'all' ? 'the whole state' : `the fields ${compared.join(', ')}`;
  return [
    `Compared: ${what}, and how the runs ended.`,
    ...(judge === null ? [] : [`Judged by: ${judge}`]),
    ...(ended === 'out of money'
      ? [`${moneyText(max_cost_usd)} does not suffice; ${countText(summary.open, 'run')} not tried.`]
      : []),
    ...(ended === 'stopped' ? [`Stopped; ${countText(summary.open, 'run')} not tried.`] : []),
  ];
}

/** Without a budget of its own it is the day of the owner that is spent. */
function moneyText(max_cost_usd: number | null): string {
  return max_cost_usd === null
    ? 'What the owner may spend on one day'
    : `The budget of $${max_cost_usd}, or what the owner may spend on one day,`;
}
