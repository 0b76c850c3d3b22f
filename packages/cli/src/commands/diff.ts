import { openApp } from '../cloud/open-app.ts';
import { type Differed, runAndReplay } from '../diff/run-and-replay.ts';
import { EXIT } from '../exit.ts';
import { diffText } from '../render/diff-text.ts';
import { loadInput } from '../run/load-files.ts';
import { loadWorkflow } from '../run/load-workflow.ts';
import { startLegacyRun, startRun } from '../run/start-run.ts';
import { checkedInput } from './run.ts';

export interface DiffOptions {
  readonly input?: string;
  readonly json?: boolean;
  readonly dataDir: string;
  readonly providerUrl?: string;
}

/** `statebag diff`: the same run twice, and where it parts. One workflow: both generations; two: both versions, on v3. */
export async function diff(path: string, other: string | undefined, { input: inputPath, json = false, dataDir, providerUrl }: DiffOptions): Promise<number> {
  const left = await loadWorkflow(path);
  const right = other === undefined ? left : await loadWorkflow(other);
  const input = checkedInput(await loadInput(inputPath), inputPath);
  const names = other === undefined ? (['legacy', 'v3'] as const) : ([path, other] as const);
  const app = await openApp({ dataDir, providerUrl });
  try {
    const started = await (other === undefined ? startLegacyRun : startRun)(app, left, input);
    if (!json) process.stderr.write(`${started.executionId}: on ${names[0]}, then again on ${names[1]} with what was answered\n`);
    const differed = await runAndReplay(app, { started, input, left, right });
    process.stdout.write(json ? `${jsonOf(differed)}\n` : diffText(differed, names));
    return differed.comparison.same ? EXIT.succeeded : EXIT.runFailed;
  } finally {
    await app.close();
  }
}

function jsonOf({ left, right, comparison }: Differed): string {
  return JSON.stringify({ left, right, ...comparison });
}
