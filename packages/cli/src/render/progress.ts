import { BUDGET } from '@statebag/contracts/limits';
import type { RunFacts, SegmentFact } from '@statebag/runs/history';
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
  // By place, which is the order in which they began: branches end in another order.
  const printed = new Set<number>();
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
      for (const [place, segment] of facts.segments.entries()) {
        if (segment.endedAt === undefined || printed.has(place)) continue;
        printed.add(place);
        stream.write(`${segmentLine(segment)}\n`);
      }
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
  const running = segments.filter(({ endedAt }) => endedAt === undefined);
  const begun = new Set(segments.map(({ segmentId }) => segmentId)).size;
  const budget = bytesText(BUDGET.bag + BUDGET.result + BUDGET.cause);
  const largest = `largest transition ${bytesText(maxTransition.bytes)} of ${budget}`;
  return `  ▸ ${runningText(running)}  [${begun} of ${total} segments · ${largest}]`;
}

/** The newest of those under way, and how many more there are. */
function runningText(running: readonly SegmentFact[]): string {
  const newest = running.at(-1);
  if (!newest) return 'syncing';
  const more = running.length === 1 ? '' : ` and ${running.length - 1} more`;
  return `${newest.segmentId}${more} … ${durationText(Date.now() - newest.startedAt)}`;
}
