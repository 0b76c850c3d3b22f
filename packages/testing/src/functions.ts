import { THRESHOLDS } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { validateStoreTaskTokenEvent } from '@statebag/contracts/validators';
import type { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { storeAll } from '@statebag/state-core/store/store-all';
import { openStore } from '@statebag/state-core/store/store-session';
import type { Clock, Functions } from '@statebag/states';
import { type Handler, plainStep, type Step, type StepDeps, stepHandler } from '@statebag/step-kit';
import {
  actionHandler,
  aggregateDistributedResults,
  type Outside,
  prepareDistributedExecution,
  processSegmentChunk,
  segmentHandler,
} from '@statebag/steps';
import { type Approve, decided } from './approvals.ts';
import { askModelApart, pauseFacts } from './ask-model-apart.ts';
import type { Machines } from './machines.ts';
import { memoryStreams } from './memory-places.ts';

/** What the functions of a run are made of. */
export interface FunctionParts {
  readonly store: MemoryObjectStore;
  readonly bucket: string;
  readonly clock: Clock;
  readonly outside: Pick<
    Outside,
    'providers' | 'http' | 'invoke' | 'nodes' | 'onCall' | 'secret' | 'instead'
  >;
  readonly approve: Approve | undefined;
  readonly tokens: () => Pick<Machines, 'answer' | 'refuse' | 'beat'>;
  /** Whether a call dies, before its work or after it: then its reply is lost. */
  readonly dies?: ((called: string) => 'before' | 'after' | null) | undefined;
  /** Told of what the test itself does wrong: such an error is no failure of the workflow. */
  readonly onMistake: (error: unknown) => void;
}

/** As long as Lambda allows: nothing is left to a next invocation for want of time. */
const CONTEXT = { getRemainingTimeInMillis: () => 900_000 };

/** The functions that the state machines call: the real steps, in this process, over a store in memory. */
export function functionsOf(parts: FunctionParts): Functions {
  const handlers = handlersOf(parts);
  return {
    async invoke({ functionName, payload }) {
      const handler = handlers[functionName.replace(/^.*:/, '')];
      if (!handler) throw new Error(`${functionName}: no such function`);
      const release = parts.clock.hold();
      try {
        const reply = await replied(handler, payload, parts.dies?.(functionName) ?? null);
        return { statusCode: 200, requestId: 'test', executedVersion: '1', ...reply };
      } finally {
        release();
      }
    },
  };
}

const KILLED = 'the process was killed';

/** A failure leaves a function as an error document, as Lambda's does. */
async function replied(
  handler: Handler,
  payload: string,
  dies: 'before' | 'after' | null,
): Promise<{ readonly payload: string; readonly functionError?: 'Unhandled' }> {
  try {
    if (dies === 'before') throw new Error(KILLED);
    const reply = await handler(JSON.parse(payload), CONTEXT);
    if (dies === 'after') throw new Error(KILLED);
    return { payload: JSON.stringify(reply ?? null) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return {
      payload: JSON.stringify({ errorType: name, errorMessage: message }),
      functionError: 'Unhandled',
    };
  }
}

function handlersOf(parts: FunctionParts): Readonly<Record<string, Handler>> {
  const { store, bucket, clock } = parts;
  const process = openStore(store, { now: clock.now, random: () => 0 });
  const deps: StepDeps = {
    config: { bucket, functionName: 'test', thresholds: THRESHOLDS },
    process,
    log: { event: () => {}, line: () => {} },
    clock: clock.now,
  };
  const streams = () => memoryStreams(store);
  const outside: Outside = {
    ...parts.outside,
    streams,
    showsValues: true,
    clock: clock.now,
    pause: async () => {},
  };
  const handler = <Reply>(step: Step<Reply>): Handler => stepHandler(step, deps);
  return {
    StateDataManager: actionHandler(deps),
    ExecuteSegment: segmentHandler(outside, deps),
    PrepareDistributedExecution: handler(
      prepareDistributedExecution({ streams, showsValues: true, events: { put: async () => {} } }),
    ),
    ProcessSegmentChunk: handler(processSegmentChunk({ ...outside, streams })),
    AggregateDistributedResults: handler(aggregateDistributedResults(streams)),
    StoreTaskToken: handler(askPerson(parts)),
    AsyncLlmHandler: handler(askModelApart(parts, streams())),
  };
}

function askPerson({ approve, bucket, clock, tokens, onMistake }: FunctionParts): Step<null> {
  return plainStep<StoreTaskTokenEvent, null>({
    event: validateStoreTaskTokenEvent,
    facts: pauseFacts,
    async run(event, invocation) {
      const { session } = invocation.open(event);
      const { message: asked } = event.request;
      const message = isFieldPointer(asked) ? await session.hydrator.pointed(asked) : asked;
      try {
        const { answer, writes, at } = await decided(event, approve, { message: String(message), bucket });
        await storeAll(writes, session);
        const deliver = () => tokens().answer(event.task_token, JSON.stringify(answer));
        if (at <= clock.now()) await deliver();
        else waitUntil(at, { clock, deliver, beat: () => tokens().beat(event.task_token), onMistake });
        return null;
      } catch (error) {
        onMistake(error);
        throw error;
      }
    },
  });
}

interface Waiting extends Pick<FunctionParts, 'clock' | 'onMistake'> {
  readonly deliver: () => Promise<void>;
  readonly beat: () => Promise<void>;
}

/** Half of what the machine waits for a sign of life. */
const BEAT_MS = 1_800_000;

/** Nobody answers before that time; until then the task is looked after, as in a deployment. */
function waitUntil(at: number, waiting: Waiting): void {
  const { clock, deliver, beat, onMistake } = waiting;
  const next = Math.min(at, clock.now() + BEAT_MS);
  const then = next < at ? () => beat().then(() => waitUntil(at, waiting)) : deliver;
  clock.at(next, () => void then().catch(onMistake));
}
