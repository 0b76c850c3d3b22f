import type { Outcome, Took } from '@statebag/rollout/backtest';
import type { BacktestReport } from '../backtest/backtest-report.ts';
import { durationText } from './amounts.ts';
import { beforeAfterRows, dollars, figureRows, noteLines, titleOf } from './backtest-rows.ts';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c1c1c;background:#fff}
table{border-collapse:collapse;margin:1rem 0;width:100%}th,td{border:1px solid #d4d4d4;padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:#f3f3f3}td.value{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.figures{width:auto}td:not(.value){white-space:nowrap}td.why{white-space:normal}.same{color:#1a6b2d}.different{color:#8a5a00}.failed{color:#a11}
@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}th{background:#262626}th,td{border-color:#444}.same{color:#7bd88f}.different{color:#f2c14e}.failed{color:#ff8080}}`;

/** The report as one page that loads nothing. Every text is escaped, and no script may run. */
export function backtestPage(report: BacktestReport): string {
  const title = titleOf(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${noteLines(report)
  .map((line) => `<p>${escaped(line)}</p>`)
  .join('\n')}
${tableOf('figures', [], figureRows(report))}
${tableOf('figures', ['', 'before', 'after'], beforeAfterRows(report))}
<h2>Runs</h2>
<table>
<tr><th>run</th><th>outcome</th><th>field</th><th>before</th><th>after</th><th>judge</th><th>cost before</th><th>cost after</th><th>time before</th><th>time after</th></tr>
${report.outcomes.map(outcomeRows).join('\n')}
</table>
</body>
</html>
`;
}

function tableOf(name: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const first = head.length === 0 ? [] : [line(head, 'th')];
  return `<table class="${name}">\n${[...first, ...rows.map((row) => line(row, 'td'))].join('\n')}\n</table>`;
}

/** A run has a row for each field that differs, or one. */
function outcomeRows(outcome: Outcome): string {
  const { run, verdict, differences, error, before, after } = outcome;
  const shown =
    differences.length > 0
      ? differences
      : [{ field: '', before: '', after: error === null ? '' : `${error.name}: ${error.message}` }];
  const span = shown.length === 1 ? '' : ` rowspan="${shown.length}"`;
  const cell = (text: string, kind = '') => `<td${kind}>${escaped(text)}</td>`;
  return shown
    .map((each, index) => {
      const values = [cell(each.field), cell(each.before ?? '–', VALUE), cell(each.after ?? '–', VALUE)];
      if (index > 0) return `<tr>${values.join('')}</tr>`;
      const figures = [dollarsOf(before), dollarsOf(after), timeOf(before), timeOf(after)];
      const costs = figures.map((text) => cell(text, span));
      const head = [cell(run, span), cell(verdict, `${span} class="${verdict}"`)];
      return `<tr>${[...head, ...values, cell(judgeCell(outcome), `${span} class="why"`), ...costs].join('')}</tr>`;
    })
    .join('\n');
}

const VALUE = ' class="value"';

function dollarsOf(took: Took | null): string {
  return took === null ? '' : dollars(took.usage.cost_nano_usd);
}

function timeOf(took: Took | null): string {
  return took === null ? '' : durationText(took.node_ms);
}

function judgeCell({ judged }: Outcome): string {
  if (judged === null) return '';
  const said = judged.pass === null ? 'not decided' : judged.pass ? 'passed' : 'refused';
  return judged.reason === null ? said : `${said}: ${judged.reason}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
