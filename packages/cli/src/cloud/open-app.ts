import { existsSync } from 'node:fs';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { LocalCloud } from '@statebag/local-cloud';
import { findRunningCloud } from '@statebag/local-cloud/attach';
import { openRuns, type Runs } from '@statebag/runs';
import { UsageError } from '../exit.ts';
import { clientOptions } from './client-options.ts';
import { LOCAL_APP } from './local-app.ts';
import { localDeployment } from './local-deployment.ts';

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
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly dataDir: string;
  readonly providerUrl?: string | undefined;
}

/** The app over a data directory, to look only: nothing that was interrupted goes on. @throws UsageError where there is no such directory */
export async function openAppToRead(dataDir: string): Promise<OpenApp> {
  requireDataDir(dataDir);
  return attached(dataDir) ?? started(await (await ownCloud()).startLocalCloud({ dataDir, idle: true }));
}

/** A data directory that is not there is the caller's mistake, not a reason to make one. */
export function requireDataDir(dataDir: string): void {
  if (!existsSync(dataDir)) throw new UsageError(`${dataDir}: no such data directory\n  mend: give the one the run was started with (--data-dir)`);
}

/** Threads for functions: as many as a run keeps busy. Each takes some 35 MB, and a run of 5 MB must fit a small machine. */
const SANDBOXES = 3;

/** The app over a data directory: attaches to a cloud that holds it already, else starts one and deploys. What was interrupted there goes on. */
export async function openApp({ dataDir, providerUrl }: OpenOptions): Promise<OpenApp> {
  const running = attached(dataDir);
  if (running) return running;
  const { deployApp, startLocalCloud } = await ownCloud();
  const cloud = await startLocalCloud({ dataDir, maxSandboxes: SANDBOXES });
  try {
    await deployApp(cloud, await localDeployment(cloud, providerUrl));
  } catch (error) {
    await cloud.close();
    throw error;
  }
  return started(cloud);
}

/** Loading a cloud takes as long as most commands over one that is there. */
function ownCloud() {
  return import('@statebag/local-cloud');
}

function attached(dataDir: string): OpenApp | undefined {
  const running = findRunningCloud(dataDir);
  return running && connect(running.endpoint, { attached: true, stop: async () => {} });
}

function started(cloud: LocalCloud): OpenApp {
  return connect(cloud.endpoint, { attached: false, stop: () => cloud.close() });
}

function connect(endpoint: string, { attached, stop }: { attached: boolean; stop: () => Promise<void> }): OpenApp {
  const options = clientOptions(endpoint);
  const clients = {
    sfn: new SFNClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    logs: new CloudWatchLogsClient(options),
    lambda: new LambdaClient(options),
  };
  const items = new DynamoDBClient(options);
  return {
    ...clients,
    attached,
    runs: openRuns({ client: items, table: LOCAL_APP.runsTable }),
    async close() {
      for (const client of [...Object.values(clients), items]) client.destroy();
      await stop();
    },
  };
}
