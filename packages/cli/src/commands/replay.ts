import { type ReplayReport, replayRun } from '@statebag/replay';
import { EXIT } from '../exit.ts';
import { replayText } from '../render/replay-text.ts';
import { loadedNodes } from '../run/load-workflow.ts';
import { type ReplayPlace, withReplayedRun } from '../run/replayed-run.ts';

export interface ReplayOptions extends ReplayPlace {
  readonly json?: boolean;
  readonly nodes?: string;
}

/**
 * `statebag replay`: everything a run did once more, from what it recorded, and whether it comes out the
 * same.
 */
export async function replay(run: string, options: ReplayOptions): Promise<number> {
  const { nodes: folder } = options;
  const nodes = folder === undefined ? undefined : await loadedNodes(folder);
  const { report, millis } = await withReplayedRun(run, options, async (replayed) => {
    const began = performance.now();
    const made: ReplayReport = await replayRun({ ...replayed, ...(nodes && { nodes: async () => nodes }) });
    return { report: made, millis: Math.round(performance.now() - began) };
  });
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ execution_id: run, ...report, millis })}\n`
      : replayText(run, report, millis),
  );
  return report.equal ? EXIT.succeeded : EXIT.runFailed;
}
