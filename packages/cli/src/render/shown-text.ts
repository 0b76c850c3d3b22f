import type { HistoryEntry } from '@statebag/contracts';
import type { RunResult } from '../run/conclude-run.ts';
import type { SegmentFact } from '../run/facts.ts';
import { durationText, table } from './amounts.ts';
import { reportText } from './report-text.ts';

export interface Shown {
  readonly result: Omit<RunResult, 'output'>;
  readonly segments: readonly SegmentFact[];
  readonly history: readonly HistoryEntry[];
}

/** A run for a reader: outcome, segments, nodes, figures. */
export function shownText({ result, segments, history }: Shown): string {
  const { execution_id, status, error, report } = result;
  const parts = [`${execution_id} ${status}`, ...(error && status !== 'RUNNING' ? [`${error.name}: ${error.message}`] : [])];
  const segmentRows = segments.map(({ segmentId, startedAt, endedAt, status: ended }) => [
    '  ',
    segmentId,
    endedAt === undefined ? 'running' : durationText(endedAt - startedAt),
    ended ?? '',
  ]);
  const nodeRows = history.map(({ node_id, type, status: ended, started_at, ended_at, summary = '' }) => [
    '  ',
    node_id,
    type,
    ended,
    durationText(Date.parse(ended_at) - Date.parse(started_at)),
    summary,
  ]);
  return `${[...parts, '', 'segments', table(segmentRows), '', 'nodes', table(nodeRows), '', reportText(report)].join('\n')}\n`;
}
