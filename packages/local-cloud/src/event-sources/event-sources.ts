import { ApiError, type Clock, type Functions, type Journal, type JsonActions } from '@statebag/states';
import type { RestService } from '../gateway/request.ts';
import { type SourceActionDeps, serveEventSources, sourceActions } from './source-actions.ts';
import { type EventSource, openSourceStore } from './source-store.ts';

/** A message as a function gets it. */
export interface SourceMessage {
  readonly receipt: string;
  readonly id: string;
  /** The whole record, but for what only the source knows. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** The queues, as event sources see them. */
export interface MessageQueues {
  /** Takes at most `most` messages that can be taken now. Empty: also where there is no such queue. */
  take(queue: string, most: number): Promise<readonly SourceMessage[]>;
  delete(queue: string, receipt: string): Promise<void>;
  /** When the next message can be taken, or undefined. */
  nextDue(queue: string): number | undefined;
  watch(queue: string, callback: () => void): () => void;
}

export interface EventSourceDeps extends Pick<SourceActionDeps, 'missingRight'> {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly queues: MessageQueues;
  readonly functions: Functions;
  readonly region: string;
  arnOf(functionName: string, qualifier?: string): string;
}

export interface EventSources {
  readonly actions: JsonActions;
  readonly serve: RestService;
  start(): void;
  stop(): void;
}

/** Functions that get the messages of queues, in batches, until they have handled them. */
export function openEventSources(deps: EventSourceDeps): EventSources {
  const store = openSourceStore(deps.journal);
  const pollers = new Map<string, () => void>();
  let running = false;
  const stop = (id: string): void => {
    pollers.get(id)?.();
    pollers.delete(id);
  };
  const sync = (id: string): void => {
    stop(id);
    const source = store.find(id);
    if (running && source?.enabled) pollers.set(id, poll(source, deps));
  };
  const actions = sourceActions({ ...deps, store, changed: sync });
  return {
    actions,
    serve: serveEventSources(actions),
    start() {
      running = true;
      for (const { id } of store.all()) sync(id);
    },
    stop() {
      running = false;
      for (const id of [...pollers.keys()]) stop(id);
    },
  };
}

/** Batches of one source that are worked on at once. */
const AT_ONCE = 5;

/** Hands messages to the function as they come. Returns what ends that. */
function poll(source: EventSource, { queues, clock, functions, region }: EventSourceDeps): () => void {
  let stopped = false;
  let working = 0;
  let cancel: (() => void) | undefined;
  const look = async (): Promise<void> => {
    if (stopped || working >= AT_ONCE) return;
    working += 1;
    const release = clock.hold();
    try {
      const batch = await queues.take(source.queue, source.batch_size);
      if (batch.length === 0) return;
      void look();
      await hand(batch);
    } finally {
      working -= 1;
      release();
      wait();
    }
    void look();
  };
  /** Looks again when a message becomes visible: a delayed one, or one that was not handled. */
  const wait = (): void => {
    cancel?.();
    const due = stopped ? undefined : queues.nextDue(source.queue);
    cancel = due === undefined ? undefined : clock.at(due, () => void look());
  };
  const hand = async (batch: readonly SourceMessage[]): Promise<void> => {
    const failed = await unhandled(batch);
    for (const { id, receipt } of batch) if (!failed.has(id)) await queues.delete(source.queue, receipt);
  };
  /** What the function could not handle comes again when it is visible again. */
  const unhandled = async (batch: readonly SourceMessage[]): Promise<ReadonlySet<string>> => {
    try {
      const { functionError, payload } = await functions.invoke({
        functionName: source.function_name,
        qualifier: source.qualifier,
        invocationType: 'RequestResponse',
        payload: JSON.stringify({ Records: batch.map((message) => recordOf(message, source, region)) }),
      });
      if (!functionError) return source.reports_failures ? failedIn(payload) : new Set();
    } catch (error) {
      // A function that is not there has handled nothing, as one that throws.
      if (!(error instanceof ApiError)) throw error;
    }
    return new Set(batch.map(({ id }) => id));
  };
  const unwatch = queues.watch(source.queue, () => void look());
  void look();
  return () => {
    stopped = true;
    cancel?.();
    unwatch();
  };
}

function recordOf({ record }: SourceMessage, { queue_arn: arn }: EventSource, awsRegion: string): object {
  return { ...record, eventSource: 'aws:sqs', eventSourceARN: arn, awsRegion };
}

/** The messages that the function says it could not handle. */
function failedIn(payload: string): ReadonlySet<string> {
  const answer: unknown = JSON.parse(payload || 'null');
  const failures: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'batchItemFailures') : [];
  const items: readonly unknown[] = Array.isArray(failures) ? failures : [];
  return new Set(
    items.flatMap((item) => {
      const id: unknown =
        typeof item === 'object' && item !== null ? Reflect.get(item, 'itemIdentifier') : undefined;
      return typeof id === 'string' ? [id] : [];
    }),
  );
}
