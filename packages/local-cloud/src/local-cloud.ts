import { resolve } from 'node:path';
import { systemClock } from './clock/system-clock.ts';
import { openDynamoDb } from './dynamodb/dynamodb.ts';
import { type Events, openEvents } from './events/events.ts';
import { openMachineDeliveries } from './events/machine-deliveries.ts';
import { type DataDirLock, lockDataDir } from './gateway/data-dir-lock.ts';
import { openGateway } from './gateway/gateway.ts';
import { createKeyring } from './gateway/keyring.ts';
import { openJournal } from './journal/open-journal.ts';
import { parseFunctionName } from './lambda/function-name.ts';
import { type Lambda, openLambda } from './lambda/lambda.ts';
import { createLogActions } from './logs/log-actions.ts';
import { type LogStore, openLogStore } from './logs/log-store.ts';
import type { Clock, Functions, Journal, JsonActions } from './ports.ts';
import { openS3, type S3 } from './s3/s3.ts';
import { openSsm, type Ssm } from './ssm/ssm.ts';
import { createStatesEngine } from './states/create-states-engine.ts';

export interface LocalCloudOptions {
  /** Everything the cloud keeps; one process at a time may hold it. */
  readonly dataDir: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly account?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Opens for reading only: what is under way stays where it is until the next one that is not idle. */
  readonly idle?: boolean;
  /** Threads for all functions together. */
  readonly maxSandboxes?: number;
  readonly random?: () => number;
  /** Called by Step Functions' tasks in place of Lambda: recordings are played against it. */
  readonly taskFunctions?: Functions;
}

export interface LocalCloud {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What an AWS client needs in its environment to talk to this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: Lambda;
  readonly s3: S3;
  readonly events: Events;
  readonly ssm: Ssm;
  /** What the functions printed. */
  readonly logs: LogStore;
  /** Step Functions' actions by name, called without HTTP. */
  readonly states: JsonActions;
  readonly items: ReturnType<typeof openDynamoDb>;
  close(): Promise<void>;
}

interface Settings extends Required<Omit<LocalCloudOptions, 'taskFunctions'>>, Pick<LocalCloudOptions, 'taskFunctions'> {
  /** Known once the gateway listens. */
  endpoint: string;
}

/** Starts a local cloud over a data directory and takes up whatever was under way when it was last stopped or killed. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const settings: Settings = {
    port: 0,
    clock: systemClock(),
    account: '000000000000',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxSandboxes: 8,
    idle: false,
    random: Math.random,
    endpoint: '',
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
  const journal = openJournal(settings.dataDir);
  const services = openServices(settings, journal);
  const gateway = await openGateway({ port: settings.port, keyring: services.keyring, services: services.wire });
  settings.endpoint = gateway.endpoint;
  if (!settings.idle) services.start();
  lock.announce(gateway.endpoint);
  return {
    ...services.ports,
    endpoint: gateway.endpoint,
    account: settings.account,
    region: settings.region,
    environment: environmentOf(settings),
    // Who starts work stops first: a task that fails because its function is being stopped must not be recorded as failed.
    close: () => closeAll([...services.closers, () => gateway.close(), () => journal.close(), lock.release]),
  };
}

/** Opens every service over one journal and ties them together: events reach functions, functions' failures reach the bus. */
function openServices(settings: Settings, journal: Journal) {
  const { dataDir, clock, account, region, random, maxSandboxes } = settings;
  const keyring = createKeyring([{ ...settings.credentials, mayListBuckets: true }]);
  const arnOf = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
  const logs = openLogStore(journal, clock.now);
  const s3 = openS3({ journal, dataDir, region, now: clock.now });
  const ssm = openSsm({ journal, now: clock.now, arnOf: (name) => arnOf('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`) });
  const items = openDynamoDb(dataDir, { account, region });
  const functions = openLambda({
    journal,
    clock,
    logs,
    keyring,
    dataDir,
    account,
    region,
    random,
    maxSandboxes,
    endpoint: () => settings.endpoint,
    publish: (entry) => void events.publish(entry),
  });
  const events: Events = openEvents({
    journal,
    clock,
    account,
    region,
    deliver: (target, input) => {
      if (target.arn.includes(':states:')) executions.add(target.arn, input);
      else functions.queue.enqueue({ ...parseFunctionName(target.arn), payload: input });
    },
  });
  const states = createStatesEngine({
    journal,
    clock,
    functions: settings.taskFunctions ?? functions,
    objects: s3,
    bus: events,
    items,
    account,
    region,
    random,
  });
  const { StartExecution } = states.actions;
  if (StartExecution === undefined) throw new Error('the engine cannot start executions');
  const executions = openMachineDeliveries(journal, StartExecution);
  const json = {
    AWSStepFunctions: states.actions,
    AWSEvents: events.actions,
    AmazonSSM: ssm.actions,
    Logs_20140328: createLogActions(logs, (group) => arnOf('logs', `log-group:${group}`)),
  };
  return {
    keyring,
    ports: { functions, s3, events, ssm, logs, items, states: states.actions },
    wire: { json, items: items.serve, lambda: functions.serve, s3: s3.serve },
    start: () => {
      functions.queue.start();
      events.start();
      states.start();
      executions.start();
    },
    closers: [events.stop, executions.stop, functions.queue.stop, () => states.close(), () => functions.close(), () => items.close()],
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
