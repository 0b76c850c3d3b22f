import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eachBounded } from '@statebag/state-core';

export interface Command {
  readonly cwd: string;
  /** What follows `serverless` on a command line. */
  readonly args: readonly string[];
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const RUNNER = join(import.meta.dirname, 'serverless-commands.cjs');

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

/** A process that runs commands of the framework, one at a time. */
export class ServerlessProcess {
  readonly #environment: NodeJS.ProcessEnv;
  #running: Running | undefined;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
  }

  /** Never rejects for a command that fails; one that takes longer than this is ended, and has. */
  async run({ cwd, args }: Command, timeoutMs: number): Promise<Finished> {
    this.#running ??= this.#start();
    const { child, exited } = this.#running;
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.send({ cwd, args });
    const message = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
    clearTimeout(late);
    const finished: Finished = message?.[0] ?? { code: 1, stdout: '', stderr: `serverless ${args.join(' ')} ended early, or took longer than ${timeoutMs} ms` };
    if (finished.code !== 0) this.#running = undefined;
    return finished;
  }

  /** Lets it go, and clear away what it left. */
  async close(): Promise<void> {
    if (this.#running?.child.connected) this.#running.child.disconnect();
    await this.#running?.exited;
  }

  #start(): Running {
    const child = fork(RUNNER, { env: this.#environment, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return { child, exited: once(child, 'exit') };
  }
}

/** Does something with each item, by so many processes at once, each with the next item that is left; results stand in the items' order. */
export async function withProcesses<Item, Made>(
  items: readonly Item[],
  make: (item: Item, serverless: ServerlessProcess) => Promise<Made>,
  { atOnce, environment }: { readonly atOnce: number; readonly environment?: NodeJS.ProcessEnv },
): Promise<Made[]> {
  const free = Array.from({ length: atOnce }, () => new ServerlessProcess(environment));
  try {
    return await eachBounded(items, atOnce, async (item) => {
      const serverless = free.pop() ?? new ServerlessProcess(environment);
      try {
        return await make(item, serverless);
      } finally {
        free.push(serverless);
      }
    });
  } finally {
    await Promise.all(free.map((each) => each.close()));
  }
}
