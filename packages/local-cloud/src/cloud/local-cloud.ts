import { resolve } from 'node:path';
import { type JsonActions, openJournal } from '@statebag/states';
import type { Stacks } from '../cloudformation/cloudformation.ts';
import type { KeptResources } from '../cloudformation/kept-resources.ts';
import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { Events } from '../events/events.ts';
import { type DataDirLock, lockDataDir } from '../gateway/data-dir-lock.ts';
import { openGateway } from '../gateway/gateway.ts';
import { unusable } from '../gateway/private-dir.ts';
import type { QueryService } from '../gateway/query-service.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { S3 } from '../s3/s3.ts';
import type { Queues } from '../sqs/sqs.ts';
import type { Ssm } from '../ssm/ssm.ts';
import { openServices } from './open-services.ts';
import { complete, environmentOf, type LocalCloudOptions, type Settings } from './settings.ts';

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
  readonly queues: Queues;
  /** CloudFormation's actions by name, called without HTTP. */
  readonly stacks: QueryService['actions'];
  /** The stacks that there are. */
  readonly formation: Stacks;
  /** CloudWatch's actions on alarms by name, called without HTTP. */
  readonly alarms: JsonActions;
  /** What templates say of roles, policies, permissions and everything else that only is what it says. */
  readonly kept: KeptResources;
  /** Lets other processes find a cloud that was opened hidden. */
  announce(): void;
  /**
   * Removes executions that have ended, with all they started, and gives those that are gone. For a cloud
   * that
   * was opened idle.
   */
  removeExecutions(executionArns: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Starts a local cloud over a data directory and takes up whatever was under way when it was last stopped or
 * killed.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  try {
    return await openLocked(options, await lockDataDir(resolve(options.dataDir)));
  } catch (error) {
    throw unusable(options.dataDir, error) ?? error;
  }
}

async function openLocked(options: LocalCloudOptions, lock: DataDirLock): Promise<LocalCloud> {
  try {
    return await openCloud(complete(options), lock);
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
    region: settings.region,
    ...services.door,
    services: services.wire,
  }).catch(async (error: unknown) => {
    await closeAll([...services.closers, () => journal.close()]);
    throw error;
  });
  settings.endpoint = gateway.endpoint;
  if (!settings.idle) await services.start();
  const { endpoint } = gateway;
  const announce = (): void => lock.announce({ endpoint, credentials: settings.credentials });
  if (!settings.hidden) announce();
  return {
    ...services.ports,
    endpoint,
    removeExecutions: services.removeExecutions,
    account: settings.account,
    region: settings.region,
    clientOptions: { endpoint, region: settings.region, credentials: settings.credentials },
    environment: environmentOf(settings),
    announce,
    // Nobody comes in any more. Who starts work stops first: a task that fails because its function is being
    // stopped must not be
    // recorded as failed.
    close: () =>
      closeAll([
        lock.withdraw,
        ...services.closers,
        () => gateway.close(),
        () => journal.close(),
        lock.release,
      ]),
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
