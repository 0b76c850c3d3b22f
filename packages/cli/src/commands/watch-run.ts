import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionId } from '@statebag/contracts/ids';
import { factsOf, followExecution, type RunFacts, withChildren, withEvent } from '@statebag/runs/history';
import type { OpenApp } from '../cloud/open-app.ts';
import { EXIT } from '../exit.ts';
import { bytesText, countText } from '../render/amounts.ts';
import { commandLine } from '../render/command-line.ts';
import { showProgress } from '../render/progress.ts';
import { errorText, failuresLines, reportText } from '../render/run-text.ts';
import { whileAnnouncing } from '../run/announce-approvals.ts';
import { concludeRun, type RunResult } from '../run/conclude-run.ts';
import { type Decisions, NO_DECISIONS } from '../run/decisions.ts';
import { runIdOf } from '../run/run-executions.ts';

const POLL_MS = 50;

export interface Watching {
  /** The executions of the run; the last one is followed. */
  readonly executions: readonly [string, ...string[]];
  readonly json: boolean;
  readonly dataDir: string;
  readonly totalSegments?: number;
  readonly decisions?: Decisions;
  /** Whoever stops following leaves the run going on where it is. */
  readonly leaves?: boolean;
}

/**
 * Follows a run to its end, saying what it asks meanwhile, and prints what came of it. Resolves with the exit
 * code.
 */
export async function watchRun(
  app: OpenApp,
  { executions, json, dataDir, totalSegments = 0, decisions = NO_DECISIONS, leaves = false }: Watching,
): Promise<number> {
  const run = runIdOf(executions[0]);
  const progress = showProgress(json ? SILENT : process.stderr, totalSegments);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const say = (text: string) => (json ? void process.stderr.write(text) : progress.say(text));
  try {
    const following = follow(app, executions, {
      signal: interrupted.signal,
      onLook: (sofar) => progress.update(sofar),
    });
    const announced = { run, dataDir, decisions, say };
    const { described, facts } = await whileAnnouncing(app, announced, following);
    progress.end();
    const result = await concludeRun(app, described, await withChildren(app.sfn, facts));
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : resultText(result, dataDir));
    await recorded(app, run);
    return result.status === 'SUCCEEDED' ? EXIT.succeeded : EXIT.runFailed;
  } catch (error) {
    progress.end();
    if (!interrupted.signal.aborted) throw error;
    const onward = leaves
      ? `${run} goes on; follow it with: ${commandLine(['show', run, '--follow'], dataDir)}`
      : `interrupted; go on with: ${commandLine(['resume', run], dataDir)}`;
    process.stderr.write(`${onward}\n`);
    return EXIT.runFailed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

const RECORDED_WITHIN_MS = 5_000;

/**
 * Waits for the record of the end, which follows the end: a cloud that is closed before then records it when
 * it is opened again, and commands that only look do not open it for that.
 */
async function recorded({ runs }: OpenApp, run: string): Promise<void> {
  const until = Date.now() + RECORDED_WITHIN_MS;
  while (Date.now() < until) {
    const record = await runs.getRun(run as ExecutionId); // startRun made it one, or resume found it
    if (record?.reported) return;
    await pause(POLL_MS);
  }
}

interface Looking {
  readonly signal: AbortSignal;
  readonly onLook: (facts: RunFacts) => void;
}

/**
 * The facts of all executions of a run, once the last one has ended, and how it ended, counted from the
 * beginning of the first.
 */
async function follow({ sfn }: OpenApp, executions: Watching['executions'], { signal, onLook }: Looking) {
  const { facts: before, startDate } = await factsOf(sfn, executions.slice(0, -1));
  let facts = before;
  const described = await followExecution(sfn, executions.at(-1) ?? executions[0], {
    pollMs: POLL_MS,
    signal,
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

function resultText(result: RunResult, dataDir: string): string {
  const { execution_id, status, output, error, report } = result;
  const show = (...more: string[]) => commandLine(['show', execution_id, ...more], dataDir);
  const head = `\n${execution_id} ${status}\n`;
  const failed = failuresLines(result).map((line) => `${line}\n`);
  const figures = `${failed.join('')}\n${reportText(report)}\n\n${show()}\n`;
  if (error) return `${head}${errorText(error)}\n${figures}`;
  const text = JSON.stringify(output, null, 2);
  if (text.length <= READABLE_BYTES) return `${head}\n${text}\n${figures}`;
  const size = `${bytesText(Buffer.byteLength(text))} in ${countText(Object.keys(output ?? {}).length, 'field')}`;
  const cut = `${text.slice(0, READABLE_BYTES)}\n… ${size}; all of it: ${show('--state')}`;
  return `${head}\n${cut}\n${figures}`;
}
