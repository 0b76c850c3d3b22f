import { resolve } from 'node:path';
import { systemClock } from './clock/system-clock.ts';
import type { DynamoDb } from './dynamodb/dynamodb.ts';
import type { Events } from './events/events.ts';
import { openCallRecorder } from './gateway/call-recorder.ts';
import { type DataDirLock, lockDataDir } from './gateway/data-dir-lock.ts';
import { openGateway } from './gateway/gateway.ts';
import { openJournal } from './journal/open-journal.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { LogStore } from './logs/log-store.ts';
import { openServices, type Settings } from './open-services.ts';
import type { Clock, Functions, JsonActions } from './ports.ts';
import type { S3 } from './s3/s3.ts';
import type { Ssm } from './ssm/ssm.ts';

export interface LocalCloudOptions {
  /** Everything the cloud keeps; one process at a time may hold it. */
  readonly dataDir: string;
  /** False: nothing is synced to disk, for data that is thrown away. What was acknowledged survives `kill -9` all the same, a power failure not. */
  readonly durable?: boolean;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly account?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Opens for reading only: what is under way stays where it is until the next one that is not idle. */
  readonly idle?: boolean;
  /** Threads for all functions together; one with the SDK loaded takes some 35 MB. */
  readonly maxSandboxes?: number;
  readonly random?: () => number;
  /** A file that gets a line for every right the functions make use of; `STATEBAG_RECORD_CALLS` if not given. */
  readonly recordCalls?: string;
  /** Asked before each request to S3: while it says so, S3 is down. Outages are played with it. */
  readonly s3IsDown?: () => boolean;
  /** Called by Step Functions' tasks in place of Lambda: recordings are played against it. */
  readonly taskFunctions?: Functions;
}

export interface ClientOptions extends Required<Pick<LocalCloudOptions, 'region' | 'credentials'>> {
  readonly endpoint: string;
}

export interface LocalCloud {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What an AWS client is made with to talk to this cloud; for S3 also `forcePathStyle`. */
  readonly clientOptions: ClientOptions;
  /** The same for an AWS client in a process of its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: Lambda;
  readonly s3: S3;
  readonly events: Events;
  readonly ssm: Ssm;
  /** What the functions printed. */
  readonly logs: LogStore;
  /** Step Functions' actions by name, called without HTTP. */
  readonly states: JsonActions;
  readonly items: DynamoDb;
  close(): Promise<void>;
}

/** Starts a local cloud over a data directory and takes up whatever was under way when it was last stopped or killed. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const settings: Settings = {
    durable: true,
    port: 0,
    clock: systemClock(),
    account: '000000000000',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxSandboxes: 6,
    idle: false,
    random: Math.random,
    s3IsDown: () => false,
    endpoint: '',
    recordCalls: process.env['STATEBAG_RECORD_CALLS'] ?? '',
    ...options,
    dataDir: resolve(options.dataDir),
  };
  const lock = lockDataDir(settings.dataDir);
  try {
    return await openCloud(settings, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openCloud(settings: Settings, lock: DataDirLock): Promise<LocalCloud> {
  const journal = openJournal(settings.dataDir, settings);
  const services = openServices(settings, journal);
  const gateway = await openGateway({
    port: settings.port,
    account: settings.account,
    keyring: services.keyring,
    services: services.wire,
    recorder: openCallRecorder(settings.recordCalls),
  }).catch(async (error: unknown) => {
    await closeAll([...services.closers, () => journal.close()]);
    throw error;
  });
  settings.endpoint = gateway.endpoint;
  if (!settings.idle) services.start();
  lock.announce(gateway.endpoint);
  return {
    ...services.ports,
    endpoint: gateway.endpoint,
    account: settings.account,
    region: settings.region,
    clientOptions: { endpoint: gateway.endpoint, region: settings.region, credentials: settings.credentials },
    environment: environmentOf(settings),
    // Who starts work stops first: a task that fails because its function is being stopped must not be recorded as failed.
    close: () => closeAll([...services.closers, () => gateway.close(), () => journal.close(), lock.release]),
  };
}

function environmentOf({ endpoint, region, credentials }: Settings): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** Closes one after the other, all of them even where one fails. */
async function closeAll(closers: readonly (() => void | Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the local cloud did not close cleanly');
}
