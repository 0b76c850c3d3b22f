import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { isStatebagError } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import { type ReplayReport, recordFixture, replayRun } from '@statebag/replay';
import { EXIT, UsageError } from '../exit.ts';
import { countText } from '../render/amounts.ts';
import { replayText } from '../render/replay-text.ts';
import { loadedNodes } from '../run/load-workflow.ts';
import { type ReplayPlace, withReplayedRun } from '../run/replayed-run.ts';

export interface ReplayOptions extends ReplayPlace {
  readonly json?: boolean;
  readonly nodes?: string;
  readonly record?: string;
}

/**
 * `statebag replay`: everything a run did once more, from what it recorded, and whether it comes out the
 * same.
 */
export async function replay(run: string, options: ReplayOptions): Promise<number> {
  const { nodes: folder, record: path } = options;
  if (path !== undefined) return record(run, path, options);
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

/** `--record`: what the run was given, as a file that tests run again. */
async function record(run: string, path: string, options: ReplayOptions): Promise<number> {
  const file = extname(path) === '' ? `${path}.json` : path;
  const fixture = await withReplayedRun(run, options, recordFixture).catch((error: unknown) => {
    if (!isStatebagError(error) || error.name !== 'Run.NotRecordable') throw error;
    throw new UsageError(`${error.message}\n  mend: ${ERRORS[error.name].mend}`);
  });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(fixture, null, 2)}\n`);
  const { calls, decisions, replaced } = fixture;
  const held = [countText(calls.length, 'call'), countText(decisions.length, 'decision')].join(', ');
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ execution_id: run, file, calls: calls.length, decisions: decisions.length, replaced })}\n`
      : `${file}: ${held}; ${replaced.length === 0 ? 'nothing was replaced' : `replaced: ${replaced.join(', ')}`}\n`,
  );
  return EXIT.succeeded;
}
