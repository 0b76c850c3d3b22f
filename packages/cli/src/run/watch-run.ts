import type { OpenApp } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { bytesText, countText } from '../render/amounts.ts';
import { showProgress } from '../render/progress.ts';
import { reportText } from '../render/report-text.ts';
import { announceApprovals } from './announce-approvals.ts';
import { concludeRun, type RunResult } from './conclude-run.ts';
import { type RunFacts, withEvent } from './facts.ts';
import { followExecution } from './follow.ts';
import { factsOf, withChildren } from './read-children.ts';
import { runIdOf } from './run-executions.ts';

const POLL_MS = 50;

export interface Watching {
  /** The executions of the run; the last one is followed. */
  readonly executions: readonly [string, ...string[]];
  readonly json: boolean;
  readonly totalSegments?: number;
}

/** Follows a run to its end, saying what it asks meanwhile, and prints what came of it. Resolves with the exit code. */
export async function watchRun(app: OpenApp, { executions, json, totalSegments = 0 }: Watching): Promise<number> {
  const run = runIdOf(executions[0]);
  const progress = showProgress(json ? SILENT : process.stderr, totalSegments);
  const [interrupted, ended] = [new AbortController(), new AbortController()];
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const announcing = announceApprovals(app.runs, {
    run,
    signal: AbortSignal.any([interrupted.signal, ended.signal]),
    say: (text) => (json ? process.stderr.write(text) : progress.say(text)),
  });
  try {
    const following = follow(app, executions, { signal: interrupted.signal, onLook: (sofar) => progress.update(sofar) });
    const { described, facts } = await Promise.race([following, announcing.then(() => following)]); // what fails to look ends the watching
    progress.end();
    return print(await concludeRun(app, described, await withChildren(app.sfn, facts)), json);
  } catch (error) {
    progress.end();
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write(`interrupted; go on with: statebag resume ${run}\n`);
    return EXIT.runFailed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    ended.abort();
    await announcing;
  }
}

interface Looking {
  readonly signal: AbortSignal;
  readonly onLook: (facts: RunFacts) => void;
}

/** The facts of all executions of a run, once the last one has ended, and how it ended, counted from the beginning of the first. */
async function follow({ sfn }: OpenApp, executions: Watching['executions'], { signal, onLook }: Looking) {
  const { facts: before, startDate } = await factsOf(sfn, executions.slice(0, -1));
  let facts = before;
  const described = await followExecution(sfn, executions.at(-1) ?? executions[0], {
    ...{ pollMs: POLL_MS, signal },
    onEvent: (event) => {
      facts = withEvent(facts, event);
    },
    onLook: () => onLook(facts),
  });
  return { described: { ...described, ...(startDate && { startDate }) }, facts };
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
