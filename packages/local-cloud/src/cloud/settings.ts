import { freemem } from 'node:os';
import { resolve } from 'node:path';
import { type Clock, type Functions, systemClock } from '@statebag/states';
import { type AccessKey, ownerKey } from '../gateway/private-dir.ts';
import type { QuotaSet } from '../quotas/quota-set.ts';
import { openQuotas, type Quotas } from '../quotas/quotas.ts';
import type { HeldParameters } from '../ssm/ssm.ts';
import type { ForwardedApis } from './forwarded-apis.ts';
import type { TaskMocks } from './task-mocks.ts';

export interface LocalCloudOptions {
  /** Everything the cloud keeps; one process at a time may hold it. */
  readonly dataDir: string;
  /**
   * False: nothing is synced to disk, for data that is thrown away. What was acknowledged survives `kill -9`
   * all the same, a power failure not.
   */
  readonly durable?: boolean;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly account?: string;
  readonly region?: string;
  /** The owner's key; without it, the random one that the data directory keeps. */
  readonly credentials?: AccessKey;
  /**
   * Opens for reading only: what is under way stays where it is until the next one that is not idle. Others
   * do not find it, they wait for its end.
   */
  readonly idle?: boolean;
  /** Others find it only after `announce`: whoever deploys an app first lets nobody in before. */
  readonly hidden?: boolean;
  /**
   * Threads for all functions together, started as they are needed; if not given, by the memory that is
   * free.
   */
  readonly maxSandboxes?: number;
  readonly random?: () => number;
  /** A file that gets a line for every right that roles make use of; `STATEBAG_RECORD_RIGHTS` if not given. */
  readonly recordRights?: string;
  /**
   * `<roles>#<place>`: a statement that roles are not given, though their template does;
   * `STATEBAG_WITHHOLD_RIGHT` if not given.
   */
  readonly withholdRight?: string;
  /** Asked before each request to S3: while it says so, S3 is down. Outages are played with it. */
  readonly s3IsDown?: () => boolean;
  /** Parameters of SSM that are never written down: asked anew for each read. */
  readonly heldParameters?: HeldParameters;
  /** Where services are that this cloud has not, for tasks that call them. */
  readonly endpoints?: ForwardedApis;
  /** Answers of integrations that nothing here can make. */
  readonly taskMocks?: TaskMocks;
  /**
   * Passes in place of the interval between two steps of an alias to a new version; nothing does if not given: a
   * deployment that its alarms do not stop is over at once.
   */
  readonly canary?: (aliasArn: string) => Promise<void>;
  /** Called by Step Functions' tasks in place of Lambda: recordings are played against it. */
  readonly taskFunctions?: Functions;
  /** Rates of AWS that services are held to, in the time of the clock; without it there are none. */
  readonly quotas?: QuotaSet;
}

/** The options of a cloud, complete. */
export interface Settings
  extends Required<Omit<LocalCloudOptions, 'taskFunctions' | 'quotas'>>,
    Pick<LocalCloudOptions, 'taskFunctions'> {
  readonly limits: Quotas;
  /** Known once the gateway listens. */
  endpoint: string;
}

/** A function's thread with the SDK loaded, and an event of some size in it. */
const SANDBOX_MB = 48;
const SANDBOXES = { least: 6, most: 24 };

/**
 * At most a quarter of the memory that is free now. Too few make functions take each other's place: each
 * change costs a thread's start.
 */
function roomForSandboxes(): number {
  const fitting = Math.floor(freemem() / 4 / (SANDBOX_MB * 1_048_576));
  return Math.max(SANDBOXES.least, Math.min(SANDBOXES.most, fitting));
}

/** Fills in what was not said. The data directory is held by this process. */
export function complete(options: LocalCloudOptions): Settings {
  const clock = options.clock ?? systemClock();
  return {
    durable: true,
    port: 0,
    clock,
    limits: openQuotas(options.quotas, () => clock.now()),
    account: '000000000000',
    region: 'us-east-1',
    credentials: options.credentials ?? ownerKey(options.dataDir),
    maxSandboxes: roomForSandboxes(),
    idle: false,
    hidden: options.idle ?? false,
    random: Math.random,
    s3IsDown: () => false,
    endpoint: '',
    heldParameters: () => null,
    endpoints: {},
    taskMocks: {},
    canary: async () => {},
    recordRights: process.env['STATEBAG_RECORD_RIGHTS'] ?? '',
    withholdRight: process.env['STATEBAG_WITHHOLD_RIGHT'] ?? '',
    ...options,
    dataDir: resolve(options.dataDir),
  };
}

/** What a process needs to be told to talk to the cloud. */
export function environmentOf({ endpoint, region, credentials }: Settings): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
