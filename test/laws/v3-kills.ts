import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const CHILD = join(import.meta.dirname, 'v3-kill-child.ts');

interface Ended {
  readonly status: string;
  readonly error: string;
  /** Lambda calls that this process made. */
  readonly calls: number;
  readonly state: string;
}

/**
 * Law: the local cloud may be killed at any Lambda call of a run; started again, the run ends with the same
 * state.
 */
export async function prove({ count }: { count: number }): Promise<string> {
  const undisturbed = await runKilledAt(-1);
  const calls = Math.min(count, undisturbed.last.calls);
  for (let call = 0; call < calls; call += 1) {
    const { died, last } = await runKilledAt(call);
    if (!died) throw new Error(`call ${call}: the process did not die`);
    if (last.status !== 'SUCCEEDED' || last.state !== undisturbed.last.state)
      throw new Error(
        `killed at call ${call}, the run ended ${last.status} ${last.error} with ${last.state}, not with ${undisturbed.last.state}`,
      );
  }
  return `${calls} of ${undisturbed.last.calls} calls, each killed once`;
}

async function runKilledAt(call: number): Promise<{ readonly died: boolean; readonly last: Ended }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-kill-'));
  try {
    const first = await runChild(dataDir, call);
    return first
      ? { died: false, last: first }
      : { died: true, last: (await runChild(dataDir, -1)) ?? never(call) };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** What the run came to, or undefined where the process was killed. */
async function runChild(dataDir: string, call: number): Promise<Ended | undefined> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CHILD, dataDir, String(call)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const output = await text(child.stdout);
  const { code, signal } = await ended;
  if (signal === 'SIGKILL') return undefined;
  if (code !== 0) throw new Error(`the process ended with ${code}`);
  return JSON.parse(output);
}

function never(call: number): never {
  throw new Error(`call ${call}: the second process was killed too`);
}
