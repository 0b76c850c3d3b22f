import { ERRORS } from '@statebag/contracts/errors';
import { BUDGET } from '@statebag/contracts/limits';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { SegmentFact } from '@statebag/runs/history';
import type { RunError, RunResult } from '../run/conclude-run.ts';
import type { Report } from '../run/report.ts';
import { bytesText, countText, durationText, table } from './amounts.ts';
import { commandLine } from './command-line.ts';

export interface Shown {
  readonly result: Omit<RunResult, 'output'>;
  readonly segments: readonly SegmentFact[];
  readonly history: readonly HistoryEntry[];
}

/** A run for a reader: outcome, segments, nodes, figures. */
export function shownText({ result, segments, history }: Shown): string {
  const { execution_id, status, error, report } = result;
  const lines = [`${execution_id} ${status}`];
  if (error && status !== 'RUNNING') lines.push(errorText(error));
  lines.push(...failuresLines(result));
  lines.push('', 'segments', table(segments.map(segmentRow)));
  lines.push('', 'nodes', table(history.map(nodeRow)));
  lines.push('', reportText(report));
  return `${lines.join('\n')}\n`;
}

/** What ended a run, and what the catalogue says to do about it. */
export function errorText({ name, message }: RunError): string {
  const known = Object.hasOwn(ERRORS, name) ? ERRORS[name as keyof typeof ERRORS] : undefined; // own, so a code
  return `${name}: ${message}${known ? `\n  mend: ${known.mend}` : ''}`;
}

const MOST_SHOWN = 10;

/** What failed besides the error that ended the run, or although it went on. */
export function failuresLines({ error, failures }: Pick<RunResult, 'error' | 'failures'>): string[] {
  const others = failures.filter(({ message }) => error === null || !error.message.includes(message));
  if (others.length === 0) return [];
  const rows = others
    .slice(0, MOST_SHOWN)
    .map(({ node_id, segment_id, error: name, message }) => [
      '  ',
      node_id ?? segment_id ?? '',
      `${name}: ${message}`,
    ]);
  const more =
    others.length > MOST_SHOWN ? [`  and ${others.length - MOST_SHOWN} more (--json shows all)`] : [];
  return ['', 'failed', table(rows), ...more];
}

/** Of a run that has not ended, where no process holds its data directory. */
export function standsStillText(run: string, dataDir: string): string {
  return `no process runs it; go on with: ${commandLine(['resume', run], dataDir)}`;
}

function segmentRow({ segmentId, startedAt, endedAt, status = '' }: SegmentFact): string[] {
  return ['  ', segmentId, endedAt === undefined ? 'running' : durationText(endedAt - startedAt), status];
}

function nodeRow({ node_id, type, status, started_at, ended_at, summary = '' }: HistoryEntry): string[] {
  const took = durationText(Date.parse(ended_at) - Date.parse(started_at));
  return ['  ', node_id, type, status, took, summary];
}

/** The short report under a finished run. */
export function reportText(report: Report): string {
  return table([
    ['segments', stepsText(report)],
    ['largest transition', transitionText(report)],
    ['control plane', `${bytesText(report.max_control_plane_bytes)} at most`],
    ['into a segment', inputText(report)],
    ['S3', s3Text(report)],
    ['model calls', modelText(report)],
  ]);
}

function stepsText({ segments, duration_ms, transitions, retries }: Report): string {
  const retried = countText(retries, 'retry').replace('retrys', 'retries');
  return `${segments} in ${durationText(duration_ms)}, ${countText(transitions, 'transition')}, ${retried}`;
}

function transitionText({ max_transition_bytes }: Report): string {
  const share = Math.round((max_transition_bytes / (BUDGET.bag + BUDGET.result + BUDGET.cause)) * 100);
  const limit = 'the service ends a run at 256 KB';
  return `${bytesText(max_transition_bytes)} (${share} % of the budget; ${limit})`;
}

function inputText({ segment_input_bytes: { mean, max } }: Report): string {
  return `${bytesText(mean)} on average, ${bytesText(max)} at most`;
}

function s3Text({ s3 }: Report): string {
  const puts = `${countText(s3.puts, 'put')} (${bytesText(s3.put_bytes)})`;
  const gets = `${countText(s3.gets, 'get')} (${bytesText(s3.get_bytes)})`;
  return `${puts}, ${gets}, ${s3.dedupe_hits} already there`;
}

function modelText({ llm, ledger }: Report): string {
  const tokensIn = `${llm.input_tokens.toLocaleString('en-US')} tokens in`;
  const tokensOut = `${llm.output_tokens.toLocaleString('en-US')} out`;
  const calls = `${countText(llm.calls, 'call')}, ${tokensIn}, ${tokensOut}, $${llm.cost_usd.toFixed(4)}`;
  return `${calls}; ${countText(ledger.hits, 'ledger hit')}`;
}
