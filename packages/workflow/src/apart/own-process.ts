import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StatebagError } from '@statebag/contracts';

/** What a process of its own is asked to do. */
export interface ApartTask {
  readonly kind: 'expression' | 'schema';
  /** JSON, for the kind's own part of the module. */
  readonly [member: string]: unknown;
}

/** What it says: that it listens, then one answer for each task. */
export type ApartMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly name: StatebagError['name'] | null; readonly message: string };

export const APART_LIMITS = {
  /** Of processor time. What can look at its own clock ends at 1,000. */
  millis: 1_250,
  /** By the clock on the wall, where it waits for something else than the processor. */
  wallMillis: 20_000,
  memoryMb: 256,
  /** What Node itself takes, on top of that. */
  nodeMb: 80,
} as const;

/** The module that the process runs; in a bundle it is the text of one, made by the bundler. */
const MODULE: URL | string = new URL('../evaluate-apart.ts', import.meta.url);
/** Runs the text that comes as the first message: it is too long for an argument. */
const RUN_TEXT = `
  process.once('message', (text) => {
    const { compileFunction } = require('node:vm');
    compileFunction(text, ['exports', 'require', 'module'])({}, require, {});
  });
`;
/**
 * Nobody is left to end a process whose parent was killed, so the kernel does, after so many seconds of
 * work.
 */
const LONGEST_LIFE_SECONDS = 60;
const RETIRED_AFTER_SECONDS = 30;

/**
 * What V8 keeps for code counts as data before anything is in it. The kernel refuses data beyond the limits,
 * so they hold as well where nobody comes to look in time.
 */
const CODE_RANGE_MB: Readonly<Record<string, number>> = { x64: 512, arm64: 128 };
const MOST_DATA_MB = (CODE_RANGE_MB[process.arch] ?? 512) + APART_LIMITS.memoryMb + APART_LIMITS.nodeMb + 16;
/** Not every V8 keeps as little for code: where it cannot begin within the limit, it begins without. */
let dataLimit = `ulimit -d ${MOST_DATA_MB * 1_024}; `;

interface Running {
  readonly child: ChildProcess;
  readonly begun: Promise<void>;
}

/** One for the whole process: starting it takes longer than most of what it does. */
let running: Running | null = null;
let last: Promise<unknown> = Promise.resolve();

/**
 * Does a task in a process of its own, which is ended where it exceeds the limits, so they hold for any code.
 * One task at a time. The process has no environment, so it knows no secrets.
 * @throws `Expression.LimitExceeded`, and what the task throws
 */
export function runApart<Result>(task: ApartTask, what: string): Promise<Result> {
  const turn = last.then(() => run<Result>(task, what));
  // whoever asked for this turn gets its error; the next one only waits for its end
  last = turn.catch(() => {});
  return turn;
}

async function run<Result>(task: ApartTask, what: string): Promise<Result> {
  const child = await ready();
  try {
    // the module that answers, and this one, are of the same release
    return (await answerOf(child, task, what)) as Result;
  } finally {
    hold(child, false);
    if (child.exitCode !== null || child.signalCode !== null || isOld(child)) end(child);
  }
}

/** The process that rests, or a new one; it is waited for. */
async function ready(): Promise<ChildProcess> {
  running ??= start();
  const { child, begun } = running;
  hold(child, true);
  try {
    await begun;
    return child;
  } catch (error) {
    if (dataLimit === '') throw error;
    dataLimit = '';
    return ready();
  }
}

/** While it works this process waits for it; at rest it keeps nobody alive. */
function hold(child: ChildProcess, isWorking: boolean): void {
  if (isWorking) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}

function end(child: ChildProcess): void {
  if (running?.child === child) running = null;
  child.kill('SIGKILL');
}

function start(): Running {
  const node = [
    `--max-old-space-size=${APART_LIMITS.memoryMb}`,
    ...(typeof MODULE === 'string' ? ['-e', RUN_TEXT] : [fileURLToPath(MODULE)]),
  ];
  const limited = `ulimit -c 0; ulimit -t ${LONGEST_LIFE_SECONDS}; ${dataLimit}exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, ...node], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  const begun = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('message', () => resolve());
    child.once('exit', (code, signal) =>
      reject(new Error(`the process for evaluations ended before it began: ${signal ?? code}`)),
    );
  });
  // whoever waits for it is told; an end at rest is nobody's error
  begun.catch(() => {});
  child.once('exit', () => end(child));
  if (typeof MODULE === 'string') child.send(MODULE);
  return { child, begun };
}

function answerOf(child: ChildProcess, task: ApartTask, what: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const watch = watchOver(child, (reason) => settle(() => reject(exceeded(what, reason))));
    const onExit = () =>
      settle(() => reject(exceeded(what, `it needed more than ${APART_LIMITS.memoryMb} MB`)));
    const onMessage = (message: ApartMessage) => settle(() => answer(message));
    function settle(how: () => void): void {
      clearInterval(watch);
      child.off('message', onMessage).off('exit', onExit);
      how();
    }
    function answer(message: ApartMessage): void {
      if (message.kind === 'done') resolve(message.result);
      else if (message.kind === 'failed') reject(failure(message));
    }
    child.on('message', onMessage).on('exit', onExit);
    child.send(task);
  });
}

function failure({ name, message }: Extract<ApartMessage, { kind: 'failed' }>): Error {
  return name === null ? new Error(message) : new StatebagError(name, message);
}

function exceeded(what: string, reason: string): StatebagError {
  return new StatebagError('Expression.LimitExceeded', `${what}: ${reason}`);
}

const LOOK_EVERY_MS = 40;

/** Looks at the process from outside, and ends it where it has had what it may have. */
function watchOver(child: ChildProcess, onExceeded: (reason: string) => void): NodeJS.Timeout {
  const began = performance.now();
  const before = usageOf(child);
  return setInterval(() => {
    const { millis, mb } = usageOf(child);
    const reason =
      millis - before.millis > APART_LIMITS.millis || performance.now() - began > APART_LIMITS.wallMillis
        ? 'it took more than 1000 ms'
        : mb > APART_LIMITS.memoryMb + APART_LIMITS.nodeMb
          ? `it needed more than ${APART_LIMITS.memoryMb} MB`
          : null;
    if (reason === null) return;
    end(child);
    onExceeded(reason);
  }, LOOK_EVERY_MS);
}

function isOld(child: ChildProcess): boolean {
  return usageOf(child).millis > RETIRED_AFTER_SECONDS * 1_000;
}

/**
 * The kernel counts processor time in hundredths of a second and memory in pages, on every Linux that Node
 * runs on.
 */
const MILLIS_PER_TICK = 10;
const PAGES_PER_MB = 256;

/** What the kernel counted. Elsewhere than on Linux it is nothing, and the clock on the wall decides. */
function usageOf({ pid }: ChildProcess): { readonly millis: number; readonly mb: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const pages = Number(fields[RESIDENT]);
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
    return { millis: ticks * MILLIS_PER_TICK, mb: pages / PAGES_PER_MB };
  } catch {
    return { millis: 0, mb: 0 }; // it has ended, which is told by its event, or this is no Linux
  }
}

/** Places in `/proc/<pid>/stat` behind the name. */
const [USER_TICKS, SYSTEM_TICKS, RESIDENT] = [11, 12, 21];
