import { openDynamoDb } from './dynamodb/dynamodb.ts';
import { type Events, openEvents } from './events/events.ts';
import { openMachineDeliveries } from './events/machine-deliveries.ts';
import type { Target } from './events/rule-store.ts';
import { createKeyring, type Keyring } from './gateway/keyring.ts';
import type { RestService } from './gateway/request.ts';
import { parseFunctionName } from './lambda/function-name.ts';
import { type Lambda, openLambda } from './lambda/lambda.ts';
import type { LocalCloudOptions } from './local-cloud.ts';
import { createLogActions } from './logs/log-actions.ts';
import { type LogStore, openLogStore } from './logs/log-store.ts';
import { ApiError, type Journal, type JsonActions } from './ports.ts';
import { openS3 } from './s3/s3.ts';
import { openSsm } from './ssm/ssm.ts';
import { createStatesEngine } from './states/create-states-engine.ts';

/** The options of a cloud, complete. */
export interface Settings extends Required<Omit<LocalCloudOptions, 'taskFunctions'>>, Pick<LocalCloudOptions, 'taskFunctions'> {
  /** Known once the gateway listens. */
  endpoint: string;
}

/** Opens every service over one journal and ties them together. */
export function openServices(settings: Settings, journal: Journal) {
  const { dataDir, durable, clock, account, region, random } = settings;
  const place = { account, region };
  const keyring = createKeyring([{ ...settings.credentials, mayListBuckets: true }]);
  const logs = openLogStore(journal, clock.now);
  const s3 = openS3({ journal, dataDir, durable, region, now: clock.now });
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
      s3: withOutages(s3.serve, settings.s3IsDown),
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

/** S3 as it answers while it is down. */
function withOutages(serve: RestService, isDown: () => boolean): RestService {
  return async (request) => {
    if (isDown()) throw new ApiError('ServiceUnavailable', 'Please reduce your request rate.', { status: 503 });
    return serve(request);
  };
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
