import type { Outcome } from '@statebag/rollout/backtest';
import type { BacktestReport } from '../backtest/backtest-report.ts';
import { table } from './amounts.ts';
import { beforeAfterRows, dollars, exampleText, figureRows, noteLines, titleOf } from './backtest-rows.ts';
import { commandLine } from './command-line.ts';

const VALUE_WIDTH = 44;
const MOST_FAILED = 10;

/** The report for a terminal. */
export function backtestText(report: BacktestReport, dataDir: string): string {
  const { summary, outcomes } = report;
  const blocks = [
    [titleOf(report), ...noteLines(report)].join('\n'),
    indented(figureRows(report)),
    indented([['', 'before', 'after'], ...beforeAfterRows(report)]),
  ];
  if (summary.fields.length > 0) blocks.push(`different\n${indented(summary.fields.flatMap(fieldRows))}`);
  const failed = outcomes.filter(({ verdict }) => verdict === 'failed');
  if (failed.length > 0) blocks.push(`failed\n${failedText(failed)}`);
  const [one] = outcomes.filter(({ verdict, fork }) => verdict === 'different' && fork !== null);
  if (one?.fork)
    blocks.push(`one of them side by side: ${commandLine(['diff', one.run, one.fork], dataDir)}`);
  return `${blocks.join('\n\n')}\n`;
}

function fieldRows({ field, runs, examples }: BacktestReport['summary']['fields'][number]): string[][] {
  return examples.map((example, index) => {
    const [before, after] = exampleText(example, VALUE_WIDTH);
    return [index === 0 ? field : '', index === 0 ? `in ${runs}` : '', example.run, before, '→', after];
  });
}

function failedText(failed: readonly Outcome[]): string {
  const rows = failed
    .slice(0, MOST_FAILED)
    .map(({ run, error }) => [run, `${error?.name}: ${firstLine(error?.message ?? '')}`]);
  const more = failed.length > MOST_FAILED ? [[`and ${failed.length - MOST_FAILED} more (--json)`]] : [];
  return indented([...rows, ...more]);
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function indented(rows: readonly (readonly string[])[]): string {
  return table(rows.map((row) => ['  ', ...row]));
}

/** One line of progress for each run that was tried. */
export function outcomeLine(outcome: Outcome, { done, of }: { done: number; of: number }): string {
  const { run, verdict, differences, error, judged, paid } = outcome;
  const what = {
    same: 'same',
    different: `different: ${differences.map(({ field }) => field).join(', ')}`,
    failed: `failed: ${error?.name}`,
  }[verdict];
  const said =
    judged === null
      ? ''
      : `, judge: ${judged.pass === null ? 'undecided' : judged.pass ? 'passed' : 'refused'}`;
  return `  ${done} of ${of}  ${run}  ${what}${said}, ${dollars(paid.cost_nano_usd)}\n`;
}
