import { Worker } from 'node:worker_threads';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { openProcess } from './process-sandbox.ts';
import type { FunctionError, Inhabitant, Notice, SandboxEvent, SandboxStart } from './sandbox-messages.ts';

export type Outcome =
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError };

/** One event and where its log lines go. */
export interface Task extends Omit<SandboxEvent, 'deadline'> {
  onLog(message: string): void;
}

export interface Start {
  readonly at: number;
  readonly tookMs: number;
}

/** A worker thread, or a process, with one function's code loaded. */
export interface Sandbox {
  /** False once the thread ended: it answers nothing more. */
  alive(): boolean;
  /** When its code was loaded, and how long it took to get there. */
  started(): Start | undefined;
  /** Runs one event. What ends the thread (exit, memory, time) is an outcome too. */
  run(task: Task): Promise<Outcome>;
  close(): Promise<void>;
}

export interface SandboxOptions extends SandboxStart {
  /** The module that a thread runs. */
  readonly runtime: URL;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The program that runs the code, where that is not Node.js. */
  readonly program?: { readonly command: string; readonly args: readonly string[]; readonly folder: string };
}

/** A module that takes longer than Lambda's ten seconds to load is stopped. */
const MAX_INIT_MS = 10_000;

/** Starts a thread that loads the code. What the loading prints or throws comes with the first event. */
export function startSandbox(options: SandboxOptions): Sandbox {
  const mailbox = createMailbox<Notice>();
  const openedAt = performance.now();
  const { program, environment } = options;
  const inhabitant =
    program === undefined
      ? openWorker(options, mailbox)
      : openProcess({ ...program, environment }, mailbox.put);
  let started: Start | undefined;
  let state: 'loading' | 'ready' | 'ended' = 'loading';
  const end = async (): Promise<void> => {
    state = 'ended';
    await inhabitant.end();
  };
  const load = async (task: Task): Promise<Outcome | undefined> => {
    const notice = await nextNotice(mailbox, MAX_INIT_MS, task.onLog);
    if (notice.kind !== 'ready') return outcomeOf(notice);
    state = 'ready';
    started = { at: performance.now(), tookMs: performance.now() - openedAt };
    return undefined;
  };
  const handle = async ({ onLog, ...event }: Task): Promise<Outcome> => {
    inhabitant.post({ ...event, deadline: Date.now() + options.timeoutMs } satisfies SandboxEvent);
    const notice = await nextNotice(mailbox, options.timeoutMs, onLog);
    if (notice.kind === 'ended') state = 'loading';
    return outcomeOf(notice);
  };
  return {
    alive: () => state !== 'ended',
    started: () => started,
    close: end,
    run: async (task) => {
      const outcome = (state === 'ready' ? undefined : await load(task)) ?? (await handle(task));
      if (state !== 'ready') await end();
      return withRequestId(outcome, task.requestId);
    },
  };
}

/** V8 would let each of several isolates take three times as much before it looks for garbage. */
const YOUNG_GENERATION_MB = 16;

function openWorker(
  { environment, runtime, timeoutMs: _, program: __, ...start }: SandboxOptions,
  mailbox: Mailbox<Notice>,
): Inhabitant {
  const worker = new Worker(runtime, {
    env: { ...environment },
    argv: [],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdout: true,
    stderr: true,
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: start.memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  worker.on('message', mailbox.put);
  worker.on('error', (error) => mailbox.put({ kind: 'ended', error: endedBy(error) }));
  worker.on('exit', (code) =>
    mailbox.put({
      kind: 'ended',
      error: {
        errorType: 'Runtime.ExitError',
        errorMessage: `Error: Runtime exited with error: exit status ${code}`,
      },
    }),
  );
  return {
    post: (event) => worker.postMessage(event),
    end: async () => void (await worker.terminate()),
  };
}

/** The next notice that is not a log line; when none comes in time, the end of the thread's time is one. */
async function nextNotice(
  mailbox: Mailbox<Notice>,
  limitMs: number,
  onLog: (message: string) => void,
): Promise<Exclude<Notice, { kind: 'log' }>> {
  const errorMessage = `Error: Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
  const expiry = setTimeout(
    () => mailbox.put({ kind: 'ended', error: { errorType: 'Sandbox.Timedout', errorMessage } }),
    limitMs,
  );
  try {
    for (;;) {
      const notice = await mailbox.next();
      if (notice.kind !== 'log') return notice;
      onLog(notice.message);
    }
  } finally {
    clearTimeout(expiry);
  }
}

function outcomeOf(notice: Exclude<Notice, { kind: 'log' }>): Outcome {
  switch (notice.kind) {
    case 'result':
      return { kind: 'result', payload: notice.payload };
    case 'error':
    case 'refused':
    case 'ended':
      return { kind: 'error', error: notice.error };
    case 'ready':
      return {
        kind: 'error',
        error: {
          errorType: 'Runtime.ExitError',
          errorMessage: 'Error: Runtime answered before it was asked',
        },
      };
    default:
      return notice satisfies never;
  }
}

function endedBy(error: Error & { readonly code?: string }): FunctionError {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return {
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'Error: Runtime exited with error: signal: killed',
    };
  return {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: `${error.name}: ${error.message}`,
    trace: (error.stack ?? '').split('\n'),
  };
}

/** Failures of the runtime itself, not of the handler, name the request in their message. */
function withRequestId(outcome: Outcome, requestId: string): Outcome {
  if (outcome.kind === 'result' || outcome.error.trace !== undefined) return outcome;
  return {
    kind: 'error',
    error: { ...outcome.error, errorMessage: `RequestId: ${requestId} ${outcome.error.errorMessage}` },
  };
}
