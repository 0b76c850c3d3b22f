import { createStatesEngine, type StatesEngine } from '../src/create-states-engine.ts';
import { type Clock, virtualClock } from '../src/ports/clock.ts';
import { type Journal, openJournal } from '../src/ports/journal.ts';
import { ApiError, type BusEntry } from '../src/ports/services.ts';
import { type MemoryObjects, memoryObjects } from './memory-objects.ts';

export type Handler = (event: never, world: World) => unknown;

/** The engine with everything around it in memory: functions are closures, time is virtual. */
export interface World {
  readonly engine: StatesEngine;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly objects: MemoryObjects;
  readonly events: BusEntry[];
  /** Calls that functions have seen, in order. */
  readonly calls: { readonly name: string; readonly event: unknown }[];
  call(action: string, input: object): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

export interface Ended {
  readonly executionArn: string;
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

const START = Date.UTC(2026, 0, 1);
export const ROLE = 'arn:aws:iam::123456789012:role/machine';

export function openWorld(
  functions: Readonly<Record<string, Handler>> = {},
  {
    dataDir = ':memory:',
    start = START,
    through = (journal: Journal) => journal,
  }: { dataDir?: string; start?: number; through?: (journal: Journal) => Journal } = {},
): World {
  const clock = virtualClock(start);
  const journal = through(openJournal(dataDir, { clock }));
  const events: BusEntry[] = [];
  const calls: World['calls'] = [];
  const objects = memoryObjects();
  const engine = createStatesEngine({
    journal,
    clock,
    objects,
    account: '123456789012',
    region: 'us-east-1',
    random: () => 0.5,
    items: { call: async (action, input) => ({ action, input }) },
    apis: {
      refusal: (service, action) =>
        service === 'sns'
          ? `the local cloud does not support the integration '${service}:${action}'`
          : undefined,
      call: async (service, action, input) => {
        if (action === 'fail') throw new ApiError('Odd', 'it is odd');
        return { service, action, input };
      },
      answer: (service) =>
        service === 'aws-sdk:glue' ? { required: { Id: 'string' }, optional: { Name: 'string' } } : undefined,
    },
    bus: {
      async put(entries) {
        events.push(...entries);
        return entries.map((_, index) => ({ EventId: `event-${index}` }));
      },
    },
    functions: {
      async invoke({ functionName, payload, invocationType }) {
        const name = functionName.replace(/^.*:function:/, '').replace(/:.*$/, '');
        const handler = functions[name];
        if (!handler)
          throw new ApiError('ResourceNotFoundException', `Function not found: ${functionName}`, {
            status: 404,
          });
        const event = JSON.parse(payload);
        calls.push({ name, event });
        const head = {
          statusCode: invocationType === 'Event' ? 202 : 200,
          requestId: 'request',
          executedVersion: '$LATEST',
        } as const;
        return { ...head, ...(await run(handler, event, world)) };
      },
    },
  });
  const world: World = {
    engine,
    clock,
    journal,
    objects,
    events,
    calls,
    call: async (action, input) => ({ ...(await engine.actions[action]?.({ ...input })) }),
    async close() {
      await engine.close();
      journal.close();
    },
  };
  engine.start();
  return world;
}

/** What Lambda answers for what a handler returns or throws. */
async function run(
  handler: Handler,
  event: unknown,
  world: World,
): Promise<{ payload: string; functionError?: 'Unhandled' }> {
  try {
    return { payload: JSON.stringify((await handler(event as never, world)) ?? null) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      payload: JSON.stringify({ errorType: error.name, errorMessage: error.message, trace: [] }),
      functionError: 'Unhandled',
    };
  }
}

export function failing(name: string, message = 'it failed'): Error {
  return Object.assign(new Error(message), { name });
}

let machines = 0;

export async function createMachine(world: World, definition: object, fields: object = {}): Promise<string> {
  machines += 1;
  const created = await world.call('CreateStateMachine', {
    name: `machine-${machines}`,
    definition: JSON.stringify(definition),
    roleArn: ROLE,
    ...fields,
  });
  return String(created['stateMachineArn']);
}

export async function startExecution(
  world: World,
  stateMachineArn: string,
  input: unknown = {},
  name?: string,
): Promise<string> {
  const started = await world.call('StartExecution', {
    stateMachineArn,
    input: JSON.stringify(input),
    ...(name === undefined ? {} : { name }),
  });
  return String(started['executionArn']);
}

/** Waits, in virtual time, until the execution has ended. */
export async function ended(world: World, executionArn: string): Promise<Ended> {
  for (let polls = 0; polls < 5_000; polls += 1) {
    const found: Record<string, unknown> = await world.call('DescribeExecution', { executionArn });
    if (found['status'] !== 'RUNNING') {
      return {
        ...found,
        executionArn,
        status: String(found['status']),
        ...('output' in found ? { output: JSON.parse(String(found['output'])) } : {}),
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`${executionArn} did not end`);
}

/** Runs a definition to its end. */
export async function runMachine(world: World, definition: object, input: unknown = {}): Promise<Ended> {
  return ended(world, await startExecution(world, await createMachine(world, definition), input));
}

/** A machine of one state. */
export function single(state: object): object {
  return { StartAt: 'Only', States: { Only: { End: true, ...state } } };
}

export interface WireEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

export async function historyOf(world: World, executionArn: string): Promise<WireEvent[]> {
  const events: WireEvent[] = [];
  let nextToken: unknown;
  do {
    const page: Record<string, unknown> = await world.call('GetExecutionHistory', {
      executionArn,
      maxResults: 1000,
      nextToken,
    });
    if (Array.isArray(page['events'])) events.push(...page['events']);
    nextToken = page['nextToken'];
  } while (nextToken !== undefined);
  return events;
}
