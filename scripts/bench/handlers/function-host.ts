import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answered, Asked } from './function-process.ts';

/** Where a function's code is, and its environment. */
export interface HostedFunction {
  readonly file: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly execArgv?: readonly string[];
}

/** What invocations of one function took, together. */
export interface Took {
  calls: number;
  cpuMs: number;
  requests: number;
  /** The most memory that its process has held, also before it was told to forget. */
  peakBytes: number;
}

/** A function in a process of its own, one event at a time. */
export class FunctionHost {
  readonly #child: ChildProcess;
  /** Of the message that is waited for. */
  #awaited = Promise.withResolvers<unknown>();
  #last: Promise<unknown>;
  readonly took: Took = { calls: 0, cpuMs: 0, requests: 0, peakBytes: 0 };

  constructor({ file, exportName, environment, execArgv = [] }: HostedFunction) {
    this.#last = this.#awaited.promise;
    this.#child = fork(join(import.meta.dirname, 'function-process.ts'), [file, exportName], {
      execArgv: [...execArgv],
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...environment },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced', // its messages leave less to collect in the function's process
    });
    this.#child.on('message', (message) => this.#awaited.resolve(message));
    this.#child.on('exit', () => this.#awaited.reject(new Error('the process of a function ended')));
  }

  /** JSON text of the reply. @throws Error with what the function failed with */
  invoke(payload: string): Promise<string> {
    const answer = this.#last.then(() => this.#asked(payload));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** What comes from now on counts, and nothing before. */
  forget(): void {
    Object.assign(this.took, { calls: 0, cpuMs: 0, requests: 0 });
  }

  async close(): Promise<void> {
    this.#awaited.promise.catch(() => undefined); // it ends as it is to
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  async #asked(payload: string): Promise<string> {
    this.#awaited = Promise.withResolvers();
    this.#child.send({ payload } satisfies Asked);
    // it answers in its own form
    const { failure, payload: reply = '', ...took } = (await this.#awaited.promise) as Answered;
    if (failure !== undefined) throw new Error(failure);
    this.took.calls += 1;
    this.took.cpuMs += took.cpuMs;
    this.took.requests += took.requests;
    this.took.peakBytes = Math.max(this.took.peakBytes, took.peakBytes);
    return reply;
  }
}
