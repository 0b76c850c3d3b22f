import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, type LocalCloud, startLocalCloud } from '../../src/cloud/local-cloud.ts';
import type { LocalCloudOptions } from '../../src/cloud/settings.ts';

/** A cloud of its own for one test file, and how the SDK's clients reach it. */
export interface TestCloud {
  readonly cloud: LocalCloud;
  readonly dataDir: string;
  /** Configuration of any SDK client. */
  readonly config: ClientConfig;
  /** Stops the cloud and starts another over the same data, with these options changed. */
  restart(changed?: Partial<LocalCloudOptions>): Promise<TestCloud>;
  close(): Promise<void>;
}

export interface ClientConfig extends ClientOptions {
  readonly maxAttempts: number;
}

/** Starts a cloud over a fresh temporary directory. */
export function openTestCloud(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
  return openOver(mkdtempSync(join(tmpdir(), 'local-cloud-')), options);
}

async function openOver(dataDir: string, options: Partial<LocalCloudOptions>): Promise<TestCloud> {
  const cloud = await startLocalCloud({ dataDir, ...options });
  return {
    cloud,
    dataDir,
    config: { ...cloud.clientOptions, maxAttempts: 1 },
    restart: async (changed) => {
      await cloud.close();
      return openOver(dataDir, { ...options, ...changed });
    },
    close: async () => {
      await cloud.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits in short steps until `probe` gives something. */
export async function eventually<Value>(
  probe: () => Value | undefined | Promise<Value | undefined>,
  limitMs = 20_000,
): Promise<Value> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`nothing came within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The name and status of the error that a call ends with. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata: unknown = Reflect.get(error, '$metadata');
    const status =
      typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
    return { name: error.name, status: typeof status === 'number' ? status : undefined };
  }
  throw new Error('the call was not refused');
}
