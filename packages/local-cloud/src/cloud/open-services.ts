import {
  ApiError,
  createStatesEngine,
  type Journal,
  type JsonActions,
  type KeptText,
  type StatesEngine,
} from '@statebag/states';
import { openCloudFormation } from '../cloudformation/cloudformation.ts';
import { type KeptResources, openKeptResources } from '../cloudformation/kept-resources.ts';
import type { Account } from '../cloudformation/provider.ts';
import { protectedBy } from '../cloudformation/providers/dynamodb.ts';
import { PROVIDERS } from '../cloudformation/providers/provider-table.ts';
import { openStackStore } from '../cloudformation/stack-store.ts';
import { openAlarms } from '../cloudwatch/alarms.ts';
import { openDynamoDb } from '../dynamodb/dynamodb.ts';
import { openEventSources } from '../event-sources/event-sources.ts';
import { type Events, openEvents } from '../events/events.ts';
import { openMachineDeliveries } from '../events/machine-deliveries.ts';
import type { Rule, Target } from '../events/rule-store.ts';
import { createKeyring, type RestService } from '../gateway/request.ts';
import { HTTP_API_PATH, openHttpApis } from '../http-api/http-api.ts';
import type { Rights } from '../iam/evaluate.ts';
import { parseFunctionName } from '../lambda/function-config.ts';
import { type Lambda, type LambdaDeps, openLambda } from '../lambda/lambda.ts';
import { createLogActions } from '../logs/log-actions.ts';
import { openLogStore } from '../logs/log-store.ts';
import type { Quotas } from '../quotas/quotas.ts';
import { openS3 } from '../s3/s3.ts';
import { sourceQueues } from '../sqs/source-queues.ts';
import { openSqs } from '../sqs/sqs-actions.ts';
import { openSsm } from '../ssm/ssm.ts';
import { type CallableService, openApiCalls } from './api-calls.ts';
import { lambdaCalls } from './lambda-calls.ts';
import { openRights, rightsOfTasks, withheldBy } from './rights.ts';
import { s3Calls } from './s3-calls.ts';
import { openServiceRights, type ServiceRights, trustedMachines } from './service-rights.ts';
import type { Settings } from './settings.ts';
import { openUseRecorder } from './use-recorder.ts';

/** Opens every service over one journal and ties them together. */
export function openServices(settings: Settings, journal: Journal) {
  const { clock, account, region, random, limits } = settings;
  const place = { account, region };
  const keyring = createKeyring([{ ...settings.credentials, principal: { kind: 'owner', account } }]);
  const kept = openKeptResources(journal);
  const alarms = openAlarms(kept, clock.now);
  const { logs, logActions, s3, ssm, items, queues, sqs } = openStores(settings, { journal, kept });
  const rights = openRights({
    kept,
    queuePolicy: (name) => queues.store.queue(name)?.attributes['Policy'],
    ...withheldBy(settings.withholdRight),
    onUsed: openUseRecorder(settings.recordRights),
  });
  const machineOf = (token: string): string | undefined => states.machineOf(token);
  const { functions, events, services } = openFunctionsAndEvents(settings, {
    ...{ journal, keyring, kept, rights, logs },
    ...{ startExecution: (input) => startExecution(input), textOf: (name) => states.textOf(name) },
  });
  const callable = () => ({
    ...callableServices({ sqs, items, events, ssm, logActions, machines }),
    s3: { actions: s3Calls(withOutages(s3.serve, settings.s3IsDown)) },
    lambda: { actions: lambdaCalls(settings.taskFunctions ?? functions) },
  });
  const states = createStatesEngine({
    ...{ ...place, journal, clock, random, items, pace: limits.pace, starting: limits.starting },
    functions: settings.taskFunctions ?? functions,
    objects: s3,
    ...{ bus: limits.taskBus(events), statusBus: events, namedTexts: functions.queue.namedTexts },
    apis: openApiCalls({ ...settings, mocks: settings.taskMocks, services: callable }),
    rights: rightsOfTasks(rights, { account, region, machineOf }),
  });
  const machines = limits.machines(trustedMachines(states.actions, services));
  const messages = sourceQueues({ queues, journal, clock });
  const sources = openEventSources({
    ...{ journal, clock, functions, region, queues: messages, arnOf: functions.arnOf },
    missingRight: services.missingRight,
  });
  const { stacks, http } = openStacks(
    journal,
    { ...services, may: rights.may, mayRequest: limits.mayRequest },
    {
      ...{ ...place, kept, s3, functions, states: machines, events, ssm, items, queues: sqs },
      ...{ sources: sources.actions, now: clock.now, alarms, canary: settings.canary },
    },
  );
  const startExecution = requireAction(machines, 'StartExecution');
  return {
    door: { keyring, rights, machineOf },
    ports: {
      ...{ functions, s3, events, ssm, logs, items, queues, kept, states: machines },
      ...{ stacks: stacks.service.actions, formation: stacks, alarms: alarms.actions },
    },
    wire: {
      json: jsonServices({ sqs, alarms, events, ssm, logActions, machines }),
      query: { cloudformation: stacks.service },
      patience: { 'AWSStepFunctions.DescribeExecution': untilEnded(states) },
      items: items.serve,
      http,
      lambda: orElse(SOURCES, sources.serve, functions.serve),
      s3: withOutages(s3.serve, settings.s3IsDown),
    },
    removeExecutions: states.remove,
    start: async () => {
      await stacks.recover();
      functions.queue.start();
      states.start();
      events.start();
      sources.start();
    },
    closers: [
      sources.stop,
      events.stop,
      functions.queue.stop,
      () => states.close(),
      () => functions.close(),
      ...[items, logs].map((each) => () => each.close()),
    ],
  };
}

/** What templates make, and what is served of it. */
function openStacks(
  journal: Journal,
  asked: Pick<ServiceRights, 'mayInvoke'> & Pick<Rights, 'may'> & Pick<Quotas, 'mayRequest'>,
  { now, ...services }: Account & { readonly now: () => number },
) {
  const { account, region, functions, kept } = services;
  const stacks = openCloudFormation({
    store: openStackStore(journal),
    journal,
    account: services,
    providers: PROVIDERS,
    now,
  });
  const { invoke, arnOf } = functions;
  const apis = openHttpApis({
    ...{ ...asked, account, region, kept, invoke, arnOf },
    startExecution: requireAction(services.states, 'StartExecution'),
  });
  return { stacks, http: { path: HTTP_API_PATH, ...apis } };
}

/** Where Lambda's API is about event sources. */
const SOURCES = /^\/[\d-]+\/event-source-mappings/;

/** Services behind JSON, by what `X-Amz-Target` calls them. */
function jsonServices(
  of: {
    readonly [name in 'sqs' | 'logActions' | 'machines']: JsonActions;
  } & { readonly [name in 'alarms' | 'events' | 'ssm']: { readonly actions: JsonActions } },
): Readonly<Record<string, JsonActions>> {
  return {
    AWSStepFunctions: of.machines,
    AWSEvents: of.events.actions,
    GraniteServiceVersion20100801: of.alarms.actions,
    AmazonSSM: of.ssm.actions,
    AmazonSQS: of.sqs,
    AmazonEC2ContainerRegistry_V20150921: NO_REPOSITORIES,
    Logs_20140328: of.logActions,
  };
}

/** What tasks can call, by the names that `aws-sdk:` integrations have for it. */
function callableServices(
  of: {
    readonly [name in 'sqs' | 'logActions' | 'machines']: JsonActions;
  } & { readonly [name in 'items' | 'events' | 'ssm']: { readonly actions: JsonActions } },
): Readonly<Record<string, CallableService>> {
  return {
    sqs: { actions: of.sqs },
    dynamodb: { actions: of.items.actions },
    eventbridge: { actions: of.events.actions },
    ssm: { actions: of.ssm.actions },
    cloudwatchlogs: { actions: of.logActions, camelCase: true },
    sfn: { actions: of.machines, camelCase: true },
  };
}

/** Whoever asks how an execution is doing may wait for its end. */
function untilEnded({ whileRunning }: Pick<StatesEngine, 'whileRunning'>) {
  return async (input: object, millis: number): Promise<void> => {
    const { executionArn } = input as { readonly executionArn?: unknown }; // the action checks it
    if (typeof executionArn === 'string') await whileRunning(executionArn, millis);
  };
}

/** Serves what is under a path apart from all else. */
function orElse(path: RegExp, there: RestService, elsewhere: RestService): RestService {
  return (request) => (path.test(request.path) ? there(request) : elsewhere(request));
}

/** Opens the services that know no other one. */
function openStores(
  settings: Settings,
  { journal, kept }: { readonly journal: Journal; readonly kept: KeptResources },
) {
  const { dataDir, durable, clock, account, region } = settings;
  const place = { account, region };
  const logs = openLogStore(journal, clock.now);
  const objects = openS3({ journal, dataDir, durable, region, now: clock.now });
  const s3 = settings.limits.objects(objects);
  const parameters = openSsm({
    journal,
    held: settings.heldParameters,
    now: clock.now,
    arnOf: (name) => arnOf('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`, place),
  });
  const ssm = { ...parameters, actions: settings.limits.parameters(parameters.actions) };
  const tables = { ...place, dataDir, now: clock.now, isProtected: protectedBy(kept) };
  const items = settings.limits.items(openDynamoDb(journal, tables));
  const logActions = createLogActions(logs, (group) => arnOf('logs', `log-group:${group}`, place));
  const { queues, actions: sqs } = openSqs({
    journal,
    clock,
    account,
    arnOf: (queue) => arnOf('sqs', queue, place),
    endpoint: () => settings.endpoint,
  });
  return { logs, logActions, s3, ssm, items, queues, sqs: settings.limits.queues(sqs) };
}

/**
 * Functions and events know each other: an event reaches functions and machines, the end of an event
 * invocation reaches the bus.
 */
function openFunctionsAndEvents(
  settings: Settings,
  {
    startExecution,
    ...parts
  }: Pick<LambdaDeps, 'journal' | 'keyring' | 'logs' | 'rights' | 'textOf'> & {
    readonly kept: KeptResources;
    readonly startExecution: Action;
  },
): { readonly functions: Lambda; readonly events: Events; readonly services: ServiceRights } {
  const { journal } = parts;
  const { clock, limits } = settings;
  const machines = openMachineDeliveries({ journal, clock, startExecution });
  const functions = openLambda({
    ...settings,
    ...parts,
    endpoint: () => settings.endpoint,
    publish: (entry) => void bus.publish(entry),
  });
  const services = openServiceRights({ ...settings, ...parts, registry: functions.registry });
  const deliver = (target: Target, payload: string, rule: Rule, kept: readonly KeptText[]): void => {
    if (!services.mayDeliver(rule, target)) return;
    const afterMs = limits.delivery();
    if (target.arn.includes(':states:'))
      machines.add({ stateMachineArn: target.arn, input: payload, afterMs });
    else functions.queue.enqueue({ ...parseFunctionName(target.arn), payload, afterMs, kept });
  };
  const bus = openEvents({ ...settings, journal, deliver });
  const start = (): void => [bus, machines].forEach((each) => void each.start());
  const stop = (): void => [bus, machines].forEach((each) => void each.stop());
  const actions = limits.putEvents(bus.actions);
  return { functions, services, events: { ...bus, actions, start, stop } };
}

/** There are no images: `serverless remove` asks for a repository of each service. */
const NO_REPOSITORIES: JsonActions = {
  DescribeRepositories: async ({ repositoryNames: names }) => {
    const [name] = Array.isArray(names) ? names : [];
    throw new ApiError(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry`,
    );
  },
};

/** S3 as it answers while it is down. */
function withOutages(serve: RestService, isDown: () => boolean): RestService {
  return async (request) => {
    if (isDown())
      throw new ApiError('ServiceUnavailable', 'Please reduce your request rate.', { status: 503 });
    return serve(request);
  };
}

type Action = NonNullable<JsonActions[string]>;

function requireAction(actions: JsonActions, name: string): Action {
  const action = actions[name];
  if (action === undefined) throw new Error(`the engine has no action ${name}`);
  return action;
}

function arnOf(
  service: string,
  resource: string,
  { account, region }: { account: string; region: string },
): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}
