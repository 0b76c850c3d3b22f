import { BUDGET } from '@statebag/contracts';
import type { RunFacts, SegmentFact } from '../run/facts.ts';
import { bytesText, durationText } from './amounts.ts';

/** Shows a run while it goes on. */
export interface Progress {
  update(facts: RunFacts): void;
  /** Writes lines of its own between those of the segments. */
  say(text: string): void;
  end(): void;
}

/** Where progress is written: a terminal is redrawn in place, anything else gets plain lines. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

const REPAINT_MS = 100;

/** One line as each segment ends; on a terminal also a live line with the segment under way. */
export function showProgress(stream: ProgressStream, total: number): Progress {
  const live = stream.isTTY === true;
  let printed = 0;
  let latest: RunFacts | undefined;
  const clear = () => live && stream.write('\r\u001b[2K');
  const redraw = () => live && latest && stream.write(liveLine(latest, total));
  const repaint = () => {
    clear();
    redraw();
  };
  const timer = live ? setInterval(repaint, REPAINT_MS) : undefined;
  return {
    update(facts) {
      latest = facts;
      clear();
      const ended = facts.segments.filter(({ endedAt }) => endedAt !== undefined);
      for (const segment of ended.slice(printed)) stream.write(`${segmentLine(segment)}\n`);
      printed = ended.length;
      redraw();
    },
    say(text) {
      clear();
      stream.write(text);
      redraw();
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

function segmentLine({ segmentId, startedAt, endedAt = startedAt, status = '' }: SegmentFact): string {
  const mark = status === 'FAILED' || status === 'LOOP_LIMIT_EXCEEDED' ? '✗' : '✓';
  return `  ${mark} ${segmentId.padEnd(32)} ${durationText(endedAt - startedAt).padStart(8)}  ${status}`;
}

function liveLine({ segments, maxTransition }: RunFacts, total: number): string {
  const running = segments.at(-1);
  const what = running && running.endedAt === undefined ? `${running.segmentId} … ${durationText(Date.now() - running.startedAt)}` : 'syncing';
  return `  ▸ ${what}  [${segments.length} of ${total} segments · largest transition ${bytesText(maxTransition.bytes)} of ${bytesText(BUDGET.bag + BUDGET.result + BUDGET.cause)}]`;
}
