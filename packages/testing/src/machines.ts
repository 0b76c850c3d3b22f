import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import {
  type BusEntry,
  type Clock,
  createStatesEngine,
  type Functions,
  type Objects,
  openJournal,
} from '@statebag/states';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const DEFINITIONS = join(import.meta.dirname, '..', '..', '..', 'stepfunctions', 'definitions');
const arnOf = (kind: string, name: string) => `arn:aws:${kind}:${REGION}:${ACCOUNT}:${name}`;

/** What the state machines are run with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly functions: Functions;
  readonly objects: Objects;
  readonly bucket: string;
}

/** How an execution ended. */
export interface EndedExecution {
  readonly arn: string;
  readonly status: string;
  readonly error: string;
  readonly cause: string;
}

/** The state machines of v3, on the engine of the local cloud, in this process and without a disk. */
export interface Machines {
  readonly machineArn: string;
  /** Starts an execution of the main machine and waits for its end, in the engine's own time. */
  run(name: string, input: JsonObject): Promise<EndedExecution>;
  /** Waits for the end of an execution that something else started. */
  ended(executionArn: string): Promise<EndedExecution>;
  /** An action of the service, as it comes over the wire and goes back. */
  call(action: string, input: object): Promise<Readonly<Record<string, unknown>>>;
  /** The whole history of an execution, oldest event first. */
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** The executions of a map run. */
  childrenOf(mapRunArn: string): Promise<readonly string[]>;
  answer(taskToken: string, output: string): Promise<void>;
  /** Says that somebody still looks after the task. */
  beat(taskToken: string): Promise<void>;
  refuse(taskToken: string, failure: { readonly error: string; readonly cause: string }): Promise<void>;
  close(): Promise<void>;
}

export async function openMachines({ clock, functions, objects, bucket }: Surroundings): Promise<Machines> {
  const journal = openJournal(':memory:', { clock });
  const ends = new EndedExecutions();
  const engine = createStatesEngine({
    journal,
    clock,
    functions,
    objects,
    account: ACCOUNT,
    region: REGION,
    random: () => 0,
    bus: { put: async (entries) => entries.map((entry, index) => ends.told(entry, index)) },
    items: { call: refused('DynamoDB') },
    apis: { refusal: () => undefined, call: refused('this service') },
  });
  const call = async (action: string, input: object): Promise<Record<string, unknown>> => ({
    ...(await engine.actions[action]?.({ ...input })),
  });
  engine.start();
  const distributedArn = await created(call, 'v3-distributed', { StateBucketName: bucket });
  const machineArn = await created(call, 'v3', {
    V3DistributedMachineArn: distributedArn,
    EventBusName: 'default',
  });
  const ended = async (arn: string): Promise<EndedExecution> => {
    await ends.of(arn);
    const { status, error = '', cause = '' } = await call('DescribeExecution', { executionArn: arn });
    return { arn, status: String(status), error: String(error), cause: String(cause) };
  };
  return {
    machineArn,
    async run(name, input) {
      const started = await call('StartExecution', {
        stateMachineArn: machineArn,
        name,
        input: JSON.stringify(input),
      });
      return ended(String(started['executionArn']));
    },
    ended,
    call,
    history: (executionArn) => historyOf(call, executionArn),
    childrenOf: (mapRunArn) => executionsOf(call, mapRunArn),
    answer: async (taskToken, output) => void (await call('SendTaskSuccess', { taskToken, output })),
    beat: async (taskToken) => void (await call('SendTaskHeartbeat', { taskToken })),
    refuse: async (taskToken, failure) => void (await call('SendTaskFailure', { taskToken, ...failure })),
    async close() {
      await engine.close();
      journal.close();
    },
  };
}

type Call = (action: string, input: object) => Promise<Record<string, unknown>>;

async function created(
  call: Call,
  file: string,
  substitutions: Readonly<Record<string, string>>,
): Promise<string> {
  const text = readFileSync(join(DEFINITIONS, `${file}.asl.json`), 'utf8');
  const definition = text.replace(
    /\$\{(\w+)\}/g,
    (_, name: string) => substitutions[name] ?? functionArn(name),
  );
  const { stateMachineArn } = await call('CreateStateMachine', {
    name: file,
    definition,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/machine`,
  });
  return String(stateMachineArn);
}

/** `ExecuteSegmentArn` stands for the function `ExecuteSegment`. */
function functionArn(name: string): string {
  return arnOf('lambda', `function:${name.replace(/Arn$/, '')}`);
}

/** Nothing in the definitions calls it, and nothing may. */
function refused(what: string) {
  return async (): Promise<never> => {
    throw new Error(`a test has no ${what}`);
  };
}

/** Who waits for the ends of executions; the engine tells its bus of them. */
class EndedExecutions {
  readonly #ended = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  told({ DetailType, Detail }: BusEntry, index: number): { readonly EventId: string } {
    if (DetailType.startsWith('Step Functions')) {
      const { executionArn, status }: { executionArn: string; status: string } = JSON.parse(Detail);
      if (status !== 'RUNNING') {
        this.#ended.add(executionArn);
        this.#waiting.get(executionArn)?.();
      }
    }
    return { EventId: String(index) };
  }

  of(executionArn: string): Promise<void> {
    if (this.#ended.has(executionArn)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(executionArn, resolve));
  }
}

async function historyOf(call: Call, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: unknown;
  do {
    const page = await call('GetExecutionHistory', { executionArn, maxResults: 1_000, nextToken });
    // as they go over the wire: seconds stand for a Date, and the rest is what the client gives
    const wire = page['events'] as (HistoryEvent & { readonly timestamp: unknown })[];
    events.push(...wire.map((event) => ({ ...event, timestamp: new Date(Number(event.timestamp) * 1_000) })));
    nextToken = page['nextToken'];
  } while (nextToken !== undefined);
  return events;
}

async function executionsOf(call: Call, mapRunArn: string): Promise<string[]> {
  const found: string[] = [];
  let nextToken: unknown;
  do {
    const page = await call('ListExecutions', { mapRunArn, nextToken });
    const executions = page['executions'] as readonly { readonly executionArn: string }[]; // of the action's reply
    found.push(...executions.map(({ executionArn }) => executionArn));
    nextToken = page['nextToken'];
  } while (nextToken !== undefined);
  return found;
}
