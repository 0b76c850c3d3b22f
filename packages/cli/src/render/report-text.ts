import { BUDGET } from '@statebag/contracts';
import type { Report } from '../run/report.ts';
import { bytesText, countText, durationText, table } from './amounts.ts';

/** The short report under a finished run. */
export function reportText(report: Report): string {
  const { s3, llm, ledger } = report;
  const share = Math.round((report.max_transition_bytes / (BUDGET.bag + BUDGET.result + BUDGET.cause)) * 100);
  return table([
    [
      'segments',
      `${report.segments} in ${durationText(report.duration_ms)}, ${countText(report.transitions, 'transition')}, ${countText(report.retries, 'retry').replace('retrys', 'retries')}`,
    ],
    ['largest transition', `${bytesText(report.max_transition_bytes)} (${share} % of the budget; the service ends a run at 256 KB)`],
    ['control plane', `${bytesText(report.max_control_plane_bytes)} at most`],
    ['into a segment', `${bytesText(report.segment_input_bytes.mean)} on average, ${bytesText(report.segment_input_bytes.max)} at most`],
    [
      'S3',
      `${countText(s3.puts, 'put')} (${bytesText(s3.put_bytes)}), ${countText(s3.gets, 'get')} (${bytesText(s3.get_bytes)}), ${s3.dedupe_hits} already there`,
    ],
    [
      'model calls',
      `${countText(llm.calls, 'call')}, ${llm.input_tokens.toLocaleString('en-US')} tokens in, ${llm.output_tokens.toLocaleString('en-US')} out, $${llm.cost_usd.toFixed(4)}; ${countText(ledger.hits, 'ledger hit')}`,
    ],
  ]);
}
