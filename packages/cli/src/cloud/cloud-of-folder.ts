import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalCloud } from '@statebag/local-cloud';
import { type AccessKey, DataDirInUse, findRunningCloud } from '@statebag/local-cloud/attach';
import { UsageError } from '../exit.ts';

/** Who runs the cloud of a data directory now, and how it is reached. */
interface Held {
  readonly endpoint: string;
  readonly credentials: AccessKey;
  /** The process that runs it; undefined where this one does. */
  readonly pid?: number;
  readonly close: () => Promise<void>;
}

/** The cloud of a data directory, whichever process runs it. */
export interface CloudOfFolder {
  /** Its address and key as they are now. */
  readonly now: Held;
  /**
   * Makes a call that outlives the process that runs the cloud: where that ends meanwhile, the cloud is
   * opened here, or found at whoever was faster, and the call is made again. What was under way goes on
   * there.
   */
  outliving<Answer>(call: () => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 50;
/** A cloud that ends takes a moment to let go. */
const LONGEST_END_MS = 30_000;
const LONGEST_ANSWER_MS = 10_000;

/** Attaches to the cloud that runs over a data directory, else starts one with `start`. */
export async function openCloudOfFolder(
  dataDir: string,
  start: () => Promise<LocalCloud>,
): Promise<CloudOfFolder> {
  let now = await attachOrStart(dataDir, start);
  let moving: Promise<Held> | undefined;
  const move = async (): Promise<void> => {
    moving ??= attachOrStart(dataDir, start);
    try {
      now = await moving;
    } finally {
      moving = undefined;
    }
  };
  return {
    get now() {
      return now;
    },
    async outliving(call) {
      for (;;) {
        const at = now;
        try {
          return await call();
        } catch (error) {
          if (at === now && !(await hasEnded(dataDir, at, error))) throw error;
          if (at === now) await move();
        }
      }
    },
    async close() {
      await moving?.catch(() => undefined); // whoever waits for it is told
      await now.close();
    },
  };
}

async function attachOrStart(dataDir: string, start: () => Promise<LocalCloud>): Promise<Held> {
  let deadline = Date.now() + LONGEST_END_MS;
  for (;;) {
    const running = findRunningCloud(dataDir);
    if (running === undefined) {
      const own = await unlessTaken(start);
      if (own) return { ...own.clientOptions, close: () => own.close() };
      deadline = Date.now() + LONGEST_END_MS;
      continue;
    }
    if (await answers(dataDir, running)) return { ...running, close: async () => {} };
    if (Date.now() > deadline) throw doesNotAnswer(dataDir, running.pid);
    await pause(LOOK_EVERY_MS);
  }
}

/** Nothing where another process was faster: its cloud runs now. */
async function unlessTaken(start: () => Promise<LocalCloud>): Promise<LocalCloud | undefined> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof DataDirInUse && error.running) return undefined;
    throw error;
  }
}

/** False where nobody listens (any more). @throws UsageError where the process is there and stands still */
function answers(dataDir: string, { endpoint, pid }: { endpoint: string; pid: number }): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = get(endpoint, (answer) => {
      answer.resume();
      resolve(true);
    });
    sent.setTimeout(LONGEST_ANSWER_MS, () => {
      reject(doesNotAnswer(dataDir, pid));
      sent.destroy();
    });
    sent.on('error', () => resolve(false));
  });
}

function doesNotAnswer(dataDir: string, pid: number): UsageError {
  return new UsageError(
    `${dataDir}: process ${pid} holds it and does not answer
  mend: let that process go on (fg, if it was stopped with Ctrl-Z), end it, or give another --data-dir`,
  );
}

/** Whether a call failed because the process that ran the cloud ended, or is ending. */
async function hasEnded(dataDir: string, at: Held, error: unknown): Promise<boolean> {
  if (at.pid === undefined || isAborted(error)) return false;
  const deadline = wasAnswered(error) ? 0 : Date.now() + LONGEST_END_MS;
  for (;;) {
    const running = findRunningCloud(dataDir);
    if (running?.pid !== at.pid || running.endpoint !== at.endpoint) return true;
    if (Date.now() > deadline) return false;
    await pause(LOOK_EVERY_MS);
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Errors of AWS clients carry the status of the answer, if there was one. */
function wasAnswered(error: unknown): boolean {
  const { $metadata } = Object(error);
  return Object($metadata).httpStatusCode !== undefined;
}
