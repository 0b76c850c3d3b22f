import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../src/run/conclude-run.ts';

const BIN = join(import.meta.dirname, '..', '..', '..', 'bin');
export const LAUNCHER = join(BIN, 'statebag');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Peak of resident memory in MB, sampled; 0 where the system does not tell. */
  readonly peakMb: number;
}

/** Rights are recorded (npm run permissions) or withheld (npm run laws -- rights) in every process, or in none. */
function ofRights(): Record<string, string> {
  const names = ['STATEBAG_RECORD_RIGHTS', 'STATEBAG_WITHHOLD_RIGHT'];
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
}

/**
 * The command line as a user has it: a process of its own, real files, real signals, and `statebag` on the PATH.
 */
export function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(LAUNCHER, args, {
    env: { PATH: `${BIN}:${process.env['PATH']}`, HOME: tmpdir(), ...ofRights(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const memory = watchMemory(child.pid);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr, peakMb: memory.stop() }));
  });
  return { child, finished };
}

const SAMPLE_MS = 20;

/** Linux keeps the high-water mark of a process's resident memory; it is read while the process lives. */
function watchMemory(pid: number | undefined): { stop(): number } {
  let peakMb = 0;
  const timer = setInterval(() => {
    const status = `/proc/${pid}/status`;
    if (!existsSync(status)) return;
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1];
    peakMb = Math.max(peakMb, Number(kilobytes ?? 0) / 1024);
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peakMb;
    },
  };
}

export interface Dev {
  readonly endpoint: string;
  /** What it printed for AWS clients. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Where the HTTP API is. */
  readonly api: string;
  /** Address of the page that shows runs, with its key. */
  readonly viewer: string;
  readonly dataDir: string;
  stop(): Promise<Finished>;
}

/**
 * `statebag dev`, ready: commands over the same data directory use its cloud instead of one of their own,
 * which takes most of what a run takes.
 */
export async function startDev(dataDir: string, ...options: string[]): Promise<Dev> {
  const { child, finished } = start(['dev', '--port', '0', '--data-dir', dataDir, ...options]);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('Stop with')) resolve(text);
    });
    void finished.then(
      ({ stdout, stderr }) => reject(new Error(`it ended and said only: ${stdout}${stderr}`)),
      reject,
    );
  });
  return {
    endpoint: /listens at (\S+)/.exec(said)?.[1] ?? '',
    credentials: {
      accessKeyId: /export AWS_ACCESS_KEY_ID=(\S+)/.exec(said)?.[1] ?? '',
      secretAccessKey: /export AWS_SECRET_ACCESS_KEY=(\S+)/.exec(said)?.[1] ?? '',
    },
    api: /(http:\S+)\/runs/.exec(said)?.[1] ?? '',
    viewer: /(http:\S+#key=\S+)/.exec(said)?.[1] ?? '',
    dataDir,
    stop() {
      child.kill('SIGTERM');
      return finished;
    },
  };
}

export function statebag(...args: string[]): Promise<Finished> {
  return start(args).finished;
}

/** The one JSON object a run prints. */
export function resultOf({ stdout, stderr }: Finished): RunResult {
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1)
    throw new Error(`expected one line on stdout, got ${lines.length}: ${stdout}\n${stderr}`);
  return JSON.parse(lines[0] ?? '');
}

/** A folder of its own for a test, with a way to write files into it. */
export function workFolder(): { path: string; file(name: string, content: unknown): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'statebag-'));
  return {
    path,
    file(name, content) {
      const full = join(path, name);
      writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
      return full;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
