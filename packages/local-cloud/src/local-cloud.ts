import { resolve } from 'node:path';
import { systemClock } from './clock/system-clock.ts';
import { openDynamoDb } from './dynamodb/dynamodb.ts';
import { type Events, openEvents } from './events/events.ts';
import { openMachineDeliveries } from './events/machine-deliveries.ts';
import type { Target } from './events/rule-store.ts';
import { type DataDirLock, lockDataDir } from './gateway/data-dir-lock.ts';
import { openGateway } from './gateway/gateway.ts';
import { createKeyring, type Keyring } from './gateway/keyring.ts';
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
  /** Threads for all functions together; one with the SDK loaded takes some 35 MB. */
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
    maxSandboxes: 6,
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

/** Opens every service over one journal and ties them together. */
function openServices(settings: Settings, journal: Journal) {
  const { dataDir, clock, account, region, random } = settings;
  const place = { account, region };
  const keyring = createKeyring([{ ...settings.credentials, mayListBuckets: true }]);
  const logs = openLogStore(journal, clock.now);
  const s3 = openS3({ journal, dataDir, region, now: clock.now });
  const ssm = openSsm({ journal, now: clock.now, arnOf: (name) => arnOf('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`, place) });
  const items = openDynamoDb(dataDir, place);
  const { functions, events } = openFunctionsAndEvents(settings, { journal, keyring, logs, startExecution: (input) => startExecution(input) });
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
  const startExecution = requireAction(states.actions, 'StartExecution');
  return {
    keyring,
    ports: { functions, s3, events, ssm, logs, items, states: states.actions },
    wire: {
      json: {
        AWSStepFunctions: states.actions,
        AWSEvents: events.actions,
        AmazonSSM: ssm.actions,
        Logs_20140328: createLogActions(logs, (group) => arnOf('logs', `log-group:${group}`, place)),
      },
      items: items.serve,
      lambda: functions.serve,
      s3: s3.serve,
    },
    start: () => {
      functions.queue.start();
      states.start();
      events.start();
    },
    closers: [events.stop, functions.queue.stop, () => states.close(), () => functions.close(), () => items.close()],
  };
}

/** Functions and events know each other: an event reaches functions and machines, the end of an event invocation reaches the bus. */
function openFunctionsAndEvents(
  settings: Settings,
  { journal, keyring, logs, startExecution }: { journal: Journal; keyring: Keyring; logs: LogStore; startExecution: Action },
): { readonly functions: Lambda; readonly events: Events } {
  const machines = openMachineDeliveries(journal, startExecution);
  const functions = openLambda({ ...settings, journal, keyring, logs, endpoint: () => settings.endpoint, publish: (entry) => void bus.publish(entry) });
  const deliver = (target: Target, payload: string): void => {
    if (target.arn.includes(':states:')) machines.add(target.arn, payload);
    else functions.queue.enqueue({ ...parseFunctionName(target.arn), payload });
  };
  const bus = openEvents({ ...settings, journal, deliver });
  const start = (): void => [bus, machines].forEach((each) => void each.start());
  const stop = (): void => [bus, machines].forEach((each) => void each.stop());
  return { functions, events: { ...bus, start, stop } };
}

type Action = NonNullable<JsonActions[string]>;

function requireAction(actions: JsonActions, name: string): Action {
  const action = actions[name];
  if (action === undefined) throw new Error(`the engine has no action ${name}`);
  return action;
}

function arnOf(service: string, resource: string, { account, region }: { account: string; region: string }): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
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
