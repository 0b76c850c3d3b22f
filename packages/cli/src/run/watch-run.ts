import type { OpenApp } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { bytesText, countText } from '../render/amounts.ts';
import { showProgress } from '../render/progress.ts';
import { reportText } from '../render/report-text.ts';
import { concludeRun, type RunResult } from './conclude-run.ts';
import { NO_FACTS, withEvent } from './facts.ts';
import { followExecution } from './follow.ts';
import { withChildren } from './read-children.ts';

const POLL_MS = 50;

export interface Watching {
  readonly executionArn: string;
  readonly json: boolean;
  readonly totalSegments?: number;
}

/** Follows a run to its end and prints what came of it. Resolves with the exit code. */
export async function watchRun(app: OpenApp, { executionArn, json, totalSegments = 0 }: Watching): Promise<number> {
  const progress = showProgress(json ? SILENT : process.stderr, totalSegments);
  let facts = NO_FACTS;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const described = await followExecution(app.sfn, executionArn, {
      pollMs: POLL_MS,
      signal: interrupted.signal,
      onEvent: (event) => {
        facts = withEvent(facts, event);
      },
      onLook: () => progress.update(facts),
    });
    progress.end();
    return print(await concludeRun(app, described, await withChildren(app.sfn, facts)), json);
  } catch (error) {
    progress.end();
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write(`interrupted; go on with: statebag resume ${executionArn.split(':').at(-1)}\n`);
    return EXIT.runFailed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const SILENT = { write: () => true };
/** Above this the output is not for reading on a terminal. */
const READABLE_BYTES = 16_384;

function print(result: RunResult, json: boolean): number {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultText(result));
  return result.status === 'SUCCEEDED' ? EXIT.succeeded : EXIT.runFailed;
}

function resultText({ execution_id, status, output, error, report }: RunResult): string {
  const head = `\n${execution_id} ${status}\n`;
  const figures = `\n${reportText(report)}\n\nstatebag show ${execution_id}\n`;
  if (error) return `${head}${error.name}: ${error.message}\n${figures}`;
  const text = JSON.stringify(output, null, 2);
  const body =
    text.length <= READABLE_BYTES
      ? text
      : `${text.slice(0, READABLE_BYTES)}\n… ${bytesText(Buffer.byteLength(text))} in ${countText(Object.keys(output ?? {}).length, 'field')}; all of it: statebag show ${execution_id} --state`;
  return `${head}\n${body}\n${figures}`;
}
