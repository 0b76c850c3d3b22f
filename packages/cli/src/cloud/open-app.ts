import { existsSync } from 'node:fs';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { LOCAL_APP, localDeployment } from '@statebag/deployment/local-app';
import { localSecrets } from '@statebag/deployment/local-secrets';
import type { LocalWishes } from '@statebag/deployment/local-settings';
import type { LocalCloud } from '@statebag/local-cloud';
import type { AccessKey } from '@statebag/local-cloud/attach';
import { openRuns, type Runs } from '@statebag/runs';
import { UsageError } from '../exit.ts';
import { bundleProgram } from '../own-bundle.ts';
import { clientOptions } from './client-options.ts';
import { type CloudOfFolder, openCloudOfFolder } from './cloud-of-folder.ts';

/** Ordinary AWS clients, pointed at the cloud that holds the app. */
export interface OpenApp {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
  readonly lambda: LambdaClient;
  /** The record of runs and approvals. */
  readonly runs: Runs;
  /** Another process holds the cloud: what is under way there goes on when this one ends. */
  readonly attached: boolean;
  /** The key of the cloud that holds it. */
  readonly credentials: AccessKey;
  close(): Promise<void>;
}

export interface OpenOptions extends LocalWishes {
  readonly dataDir: string;
}

/**
 * The app over a data directory, to look only: nothing that was interrupted goes on. @throws UsageError where
 * there is no such directory
 */
export async function openAppToRead(dataDir: string): Promise<OpenApp> {
  requireDataDir(dataDir);
  return connect(
    await openCloudOfFolder(dataDir, async () =>
      (await ownCloud())[0].startLocalCloud({ dataDir, idle: true }),
    ),
  );
}

/** A data directory that is not there is the caller's mistake, not a reason to make one. */
export function requireDataDir(dataDir: string): void {
  if (!existsSync(dataDir))
    throw new UsageError(
      `${dataDir}: no such data directory\n  mend: give the one the run was started with (--data-dir)`,
    );
}

/**
 * Threads for functions: as many as a run keeps busy. Each takes some 35 MB, and a run of 5 MB must fit a
 * small machine.
 */
const SANDBOXES = 3;

/**
 * The app over a data directory: attaches to a cloud that holds it already, else starts one and deploys. What
 * was interrupted there goes on.
 */
export async function openApp(options: OpenOptions): Promise<OpenApp> {
  return heard(connect(await openCloudOfFolder(options.dataDir, () => startDeployed(options))), options);
}

/** What it takes to show an app. */
export type ShownApp = Pick<OpenApp, 'lambda' | 'sfn' | 'attached' | 'credentials'>;

/**
 * The app over a data directory, to look at it and to take decisions: its API answers, and nothing that was
 * interrupted goes on. @throws UsageError where there is no such directory
 */
export async function openAppToShow(options: OpenOptions): Promise<OpenApp> {
  requireDataDir(options.dataDir);
  const cloud = await openCloudOfFolder(options.dataDir, () => startDeployed(options, { idle: true }));
  return connect(cloud);
}

/** Others find the cloud once the app is in it. */
async function startDeployed(options: OpenOptions, { idle = false } = {}): Promise<LocalCloud> {
  const { dataDir } = options;
  const [{ startLocalCloud }, { deployApp }] = await ownCloud();
  const cloud = await startLocalCloud({
    dataDir,
    maxSandboxes: SANDBOXES,
    hidden: true,
    idle,
    heldParameters: localSecrets(dataDir),
  });
  try {
    await Promise.all([
      deployApp(cloud, await localDeployment(cloud, { ...options, providerKept: true })),
      bundleProgram(),
    ]);
  } catch (error) {
    await cloud.close();
    throw error;
  }
  if (!idle) cloud.announce();
  return cloud;
}

/**
 * A cloud that another process runs has that one's settings. @throws UsageError for one that comes too late
 */
async function heard(app: OpenApp, { dataDir, allowHost = [] }: OpenOptions): Promise<OpenApp> {
  if (!app.attached || allowHost.length === 0) return app;
  await app.close();
  throw new UsageError(
    `--allow-host: another process runs the workflows of ${dataDir}, with its own settings
  mend: stop it, or start it with --allow-host or with allowed_hosts in statebag.config.json`,
  );
}

/** Loading a cloud takes as long as most commands over one that is there. */
function ownCloud() {
  return Promise.all([import('@statebag/local-cloud'), import('@statebag/deployment/stack')]);
}

function connect(cloud: CloudOfFolder): OpenApp {
  const options = {
    ...clientOptions(cloud.now),
    endpoint: async () => ({ url: new URL(cloud.now.endpoint) }),
  };
  const clients = {
    sfn: new SFNClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    logs: new CloudWatchLogsClient(options),
    lambda: new LambdaClient(options),
  };
  const items = new DynamoDBClient(options);
  for (const client of [...Object.values(clients), items]) outlive(client, cloud);
  return {
    ...clients,
    credentials: cloud.now.credentials,
    get attached() {
      return cloud.now.pid !== undefined;
    },
    runs: openRuns({ client: items, table: LOCAL_APP.runsTable }),
    async close() {
      for (const client of [...Object.values(clients), items]) client.destroy();
      await cloud.close();
    },
  };
}

type Handler<Given, Answer> = (given: Given) => Promise<Answer>;

/** What the stacks of all clients take alike. */
interface MiddlewareStack {
  add(
    middleware: <Given, Answer>(next: Handler<Given, Answer>) => Handler<Given, Answer>,
    options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
  ): void;
}

/** Every call of a client goes on where the process that ran the cloud ends. */
function outlive({ middlewareStack }: { middlewareStack: MiddlewareStack }, cloud: CloudOfFolder): void {
  middlewareStack.add((next) => (given) => cloud.outliving(() => next(given)), {
    step: 'initialize',
    priority: 'high',
    name: 'outlive',
  });
}
