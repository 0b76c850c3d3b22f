import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overlay } from './package/overlay.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PROGRAMS = join(ROOT, 'node_modules', '.bin');

/** Compiling the framework and its plugins is a third of what a short command takes. */
const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') };

export interface Command {
  /** The folder with the template. */
  readonly cwd: string;
  /** What follows `serverless` on a command line. */
  readonly args: readonly string[];
  /** Before this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command of the framework to its end. Never rejects for a command that fails; one that takes longer
 * than this is ended, and has failed.
 */
export function runServerless(
  { cwd, args, environment = {} }: Command,
  timeoutMs: number,
): Promise<Finished> {
  const options = {
    cwd,
    env: { ...COMPILED, ...process.env, ...environment },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: Number.POSITIVE_INFINITY,
  } as const;
  return new Promise((resolve) => {
    execFile(join(PROGRAMS, 'serverless'), [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else resolve({ code: 1, stdout, stderr: `${stderr}\n${error.killed ? late(args, timeoutMs) : ''}` });
    });
  });
}

function late(args: readonly string[], timeoutMs: number): string {
  return `serverless ${args.join(' ')} took longer than ${timeoutMs} ms`;
}

/** Starts a command that runs until it is stopped. Its output is this process's own. */
export function startServerless({ cwd, args, environment = {} }: Command): ChildProcess {
  return spawn(join(PROGRAMS, 'serverless'), args, {
    cwd,
    env: { ...COMPILED, ...process.env, ...environment },
    stdio: SHOWN,
  });
}

export interface Place {
  readonly stage: string;
  readonly region: string;
}

/** What Compose keeps of the stacks of a stage, which may be those of another account or region. */
const keptOutputs = (stage: string) => join(ROOT, '.serverless', `state.${stage}.json`);

/** Deploys all stacks; Compose knows their order, and asks them what they say. Resolves with the exit code. */
export async function deployAll({ stage, region }: Place): Promise<number> {
  await rm(keptOutputs(stage), { force: true });
  const child = spawn(join(PROGRAMS, 'sls'), ['deploy', '--stage', stage], {
    cwd: ROOT,
    stdio: SHOWN,
    env: { ...process.env, ...inRegion(region) },
  });
  return exitCode(child);
}

/** Removes the stack of a folder. Resolves with the exit code. */
export async function removeOne(folder: string, { stage, region }: Place): Promise<number> {
  const { path, remove } = overlay(ROOT, folder);
  const args = ['remove', '--stage', stage];
  const code = await exitCode(startServerless({ cwd: path, args, environment: inRegion(region) }));
  remove();
  return code;
}

function inRegion(region: string): Readonly<Record<string, string>> {
  return { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}

async function exitCode(child: ChildProcess): Promise<number> {
  const [code]: (number | null)[] = await once(child, 'close');
  return code ?? 1;
}

const SHOWN: SpawnOptions['stdio'] = ['ignore', 'inherit', 'inherit'];
