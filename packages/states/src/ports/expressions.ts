import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

/** What expressions see: JSON texts by name. The thread parses each text once. */
export interface ExpressionWork {
  /** JSONata without its `{%` and `%}`. */
  readonly sources: readonly string[];
  /** JSON text of an object: each of its members is a variable. */
  readonly variables: string;
}

/** What became of one expression. `text` is JSON; undefined: it returned nothing. */
export type Evaluated = { readonly text: string | undefined } | { readonly failure: string };

/**
 * Evaluates JSONata. Nothing that an expression does can hold up or exhaust this process for longer than its
 * limits.
 */
export interface Expressions {
  evaluate(work: ExpressionWork): readonly Evaluated[];
  close(): void;
}

/** Of the time on the clock; a busy machine gets more than an expression may use. */
const MOST_MILLIS = 10_000;
/** A thread that starts reads its modules: where disks are busy that takes its time, which is no expression's. */
const START_MILLIS = 60_000;
/** Places in the memory that both share: how many answers there were, and whether the thread has started. */
export const [ANSWERS, STARTED] = [0, 1];
const MOST_MEGABYTES = 256;

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** The caller sleeps on it. */
  readonly shared: Int32Array;
}

/**
 * Expressions in a thread of their own. The caller waits for the answer, as states advance one step after the
 * other; an expression that takes too long or too much memory ends with its thread.
 */
export function threadedExpressions(): Expressions {
  let thread: Thread | undefined;
  const end = (): void => {
    thread?.port.close();
    void thread?.worker.terminate();
    thread = undefined;
  };
  return {
    evaluate(work) {
      thread ??= startThread();
      Atomics.wait(thread.shared, STARTED, 0, START_MILLIS);
      const before = Atomics.load(thread.shared, ANSWERS);
      thread.port.postMessage(JSON.stringify(work));
      const woken = Atomics.wait(thread.shared, ANSWERS, before, MOST_MILLIS);
      const message = woken === 'timed-out' ? undefined : receiveMessageOnPort(thread.port);
      if (message) return JSON.parse(String(message.message)) as Evaluated[]; // parse boundary: written by the thread
      end();
      const failure = `it took more than ${MOST_MILLIS / 1000} seconds or ${MOST_MEGABYTES} MB`;
      return work.sources.map(() => ({ failure }));
    },
    close: end,
  };
}

function startThread(): Thread {
  const { port1, port2 } = new MessageChannel();
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('./expression-thread.ts', import.meta.url), {
    workerData: { port: port2, shared },
    transferList: [port2],
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
  worker.unref();
  port1.unref();
  // A thread that runs out of memory says so here; the caller has seen that no answer came.
  worker.on('error', () => {});
  return { worker, port: port1, shared };
}
