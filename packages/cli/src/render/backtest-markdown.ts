import type { BacktestReport } from '../backtest/backtest-report.ts';
import { beforeAfterRows, exampleText, figureRows, noteLines, titleOf } from './backtest-rows.ts';

const VALUE_WIDTH = 120;

/** The report as Markdown, for a pull request. Nothing of a run can become markup in it. */
export function backtestMarkdown(report: BacktestReport): string {
  const { summary, outcomes } = report;
  const failed = outcomes.filter(({ verdict }) => verdict === 'failed');
  const examples = summary.fields.flatMap(({ field, runs, examples: found }) =>
    found.map((example) => [field, String(runs), example.run, ...exampleText(example, VALUE_WIDTH)]),
  );
  return [
    `# Backtest ${plain(titleOf(report))}`,
    ...noteLines(report).map(plain),
    tableOf(['', 'runs'], figureRows(report)),
    tableOf(['', 'before', 'after'], beforeAfterRows(report)),
    ...(examples.length === 0
      ? []
      : ['## Different', tableOf(['field', 'in runs', 'example', 'before', 'after'], examples)]),
    ...(failed.length === 0
      ? []
      : [
          '## Failed',
          tableOf(
            ['run', 'error'],
            failed.map(({ run, error }) => [run, `${error?.name}: ${error?.message}`]),
          ),
        ]),
    '',
  ].join('\n\n');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Everything that Markdown or HTML reads as markup, a link, a name or a formula is written so that it is shown. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]#|~@$]/g, (mark) => `&#${mark.codePointAt(0)};`)
    .replaceAll('://', '&#58;//');
}
