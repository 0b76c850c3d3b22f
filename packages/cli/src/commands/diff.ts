import { existsSync } from 'node:fs';
import { type OpenOptions, openApp, openAppToRead } from '../cloud/open-app.ts';
import { useProvider } from '../cloud/provider-in-use.ts';
import { compareRecorded } from '../diff/compare-recorded.ts';
import { type Differed, runAndReplay } from '../diff/run-and-replay.ts';
import { EXIT } from '../exit.ts';
import { diffText } from '../render/diff-text.ts';
import { checkedInput } from '../run/checked-input.ts';
import { decisionsOf } from '../run/decisions.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import { startLocalRun } from '../run/start-run.ts';

export interface DiffOptions extends OpenOptions {
  readonly config?: string;
  readonly input?: string;
  readonly json?: boolean;
  readonly decide?: readonly string[];
}

/**
 * `statebag diff`: the same run twice, and where it parts. One workflow: both generations; two: both
 * versions, on v3.
 */
export async function diff(path: string, other: string | undefined, options: DiffOptions): Promise<number> {
  const { input: inputPath, json = false, decide = [], dataDir, config } = options;
  if (other !== undefined && ![path, other].some(existsSync)) return diffRuns([path, other], options);
  const left = await loadWorkflow(path, config);
  const right = other === undefined ? left : await loadWorkflow(other, config);
  const input = await checkedInput(left, inputPath);
  const decisions = decisionsOf(decide, left);
  const names = other === undefined ? (['legacy', 'v3'] as const) : ([path, other] as const);
  const app = await openApp(options);
  try {
    await useProvider(app, options);
    const started = await startLocalRun(app, left, {
      input,
      generation: other === undefined ? 'legacy' : 'v3',
    });
    if (!json)
      process.stderr.write(
        `${started.executionId}: on ${names[0]}, then again on ${names[1]} with what was answered\n`,
      );
    const say = (text: string) => void process.stderr.write(text);
    const asks = { run: started.executionId, dataDir, decisions, say };
    const differed = await runAndReplay(app, { started, input, left, right, asks });
    process.stdout.write(json ? `${jsonOf(differed)}\n` : diffText(differed, names));
    return differed.comparison.same ? EXIT.succeeded : EXIT.runFailed;
  } finally {
    await app.close();
  }
}

/** Two runs that have ended, by what they came to; a run and its fork, for example. */
async function diffRuns(runs: readonly [string, string], options: DiffOptions): Promise<number> {
  const { json = false, dataDir } = options;
  const app = await openAppToRead(dataDir);
  try {
    const compared = await compareRecorded(app, runs, dataDir);
    const { calls, comparison } = compared;
    const made = `outside calls of its own: ${calls.left} and ${calls.right}\n`;
    process.stdout.write(
      json
        ? `${JSON.stringify({ calls, ...JSON.parse(jsonOf(compared)) })}\n`
        : diffText(compared, runs) + made,
    );
    return comparison.same ? EXIT.succeeded : EXIT.runFailed;
  } finally {
    await app.close();
  }
}

function jsonOf({ left, right, comparison }: Differed): string {
  return JSON.stringify({ left, right, ...comparison });
}
