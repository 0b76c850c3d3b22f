import { createHash, randomUUID } from 'node:crypto';
import type { Clock, Journal } from '@statebag/states';
import { numberOf, redrivePolicyOf } from './queue-attributes.ts';
import { sqsErrors } from './queue-errors.ts';
import {
  type Message,
  type MessageAttribute,
  openQueueStore,
  type Queue,
  type QueueStore,
} from './queue-store.ts';

/** A message to send. */
export interface Outgoing {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly delaySeconds: number | undefined;
  readonly groupId: string | undefined;
  readonly dedupId: string | undefined;
}

export interface Sent {
  readonly id: string;
  /** The place of a message of a FIFO queue. */
  readonly sequence: string | undefined;
}

/** What a receiver asks for. */
export interface Reception {
  readonly most: number;
  readonly waitSeconds: number | undefined;
  readonly visibilitySeconds: number | undefined;
}

/** Queues at work. Everything is written into the journal's open group. */
export interface Queues {
  readonly store: QueueStore;
  send(queue: Queue, message: Outgoing): Sent;
  receive(queue: Queue, reception: Reception): Promise<readonly Message[]>;
  delete(queue: Queue, receipt: string): void;
  changeVisibility(queue: Queue, receipt: string, seconds: number): void;
  /** Is told when a queue may have something to receive. Returns what ends that. */
  watch(queue: string, callback: () => void): () => void;
}

const DEDUPLICATION_MS = 5 * 60_000;
const SENDER = 'AIDALOCALCLOUD';

export function openQueues({ journal, clock }: { journal: Journal; clock: Clock }): Queues {
  const store = openQueueStore(journal);
  const watchers = openWatchers();
  const write = <T>(statements: () => T): T => {
    const results: { readonly value: T }[] = [];
    journal.write(() => void results.push({ value: statements() }));
    const [result] = results;
    if (!result) throw new Error('the journal has not run the step');
    return result.value;
  };
  const deps = { store, clock };
  return {
    store,
    send(queue, message) {
      const sent = write(() => send(deps, queue, message));
      watchers.tell(queue.name);
      return sent;
    },
    receive: (queue, reception) =>
      receiveWaiting(queue, reception, {
        clock,
        watch: watchers.watch,
        next: () => store.nextVisible(queue.name, clock.now()),
        take: () => write(() => take(deps, queue, reception)),
      }),
    delete(queue, receipt) {
      const message = messageOf(store, queue, receipt);
      if (!message) return;
      write(() => store.take(message.place));
      watchers.tell(queue.name);
    },
    changeVisibility(queue, receipt, seconds) {
      const message = messageOf(store, queue, receipt);
      if (!message || message.visible <= clock.now()) throw sqsErrors.notInflight();
      write(() => store.update({ ...message, visible: clock.now() + seconds * 1000 }));
      watchers.tell(queue.name);
    },
    watch: watchers.watch,
  };
}

interface Watchers {
  watch(queue: string, callback: () => void): () => void;
  tell(queue: string): void;
}

function openWatchers(): Watchers {
  const watching = new Map<string, Set<() => void>>();
  return {
    watch(queue, callback) {
      const callbacks = watching.get(queue) ?? new Set();
      watching.set(queue, callbacks.add(callback));
      return () => void callbacks.delete(callback);
    },
    tell(queue) {
      for (const callback of [...(watching.get(queue) ?? [])]) callback();
    },
  };
}

interface QueueDeps {
  readonly store: QueueStore;
  readonly clock: Clock;
}

function send({ store, clock }: QueueDeps, queue: Queue, message: Outgoing): Sent {
  const isFifo = queue.name.endsWith('.fifo');
  const now = clock.now();
  checkMessage(queue, message, isFifo);
  const dedupId = isFifo ? dedupIdOf(queue, message) : undefined;
  const earlier = dedupId === undefined ? undefined : store.sent(queue.name, dedupId, now);
  if (earlier) return { id: earlier.message, sequence: sequenceOf(earlier.place) };
  const id = randomUUID();
  const delay = message.delaySeconds ?? numberOf(queue, 'DelaySeconds');
  const place = store.add({
    queue: queue.name,
    id,
    body: message.body,
    attributes: message.attributes,
    group_id: isFifo ? (message.groupId ?? '') : null,
    dedup_id: dedupId ?? null,
    sender: SENDER,
    sent: now,
    visible: now + delay * 1000,
    receives: 0,
    first_received: null,
  });
  if (dedupId === undefined) return { id, sequence: undefined };
  store.remember({ queue: queue.name, dedupId, message: id, place, until: now + DEDUPLICATION_MS });
  return { id, sequence: sequenceOf(place) };
}

function checkMessage(queue: Queue, { body, delaySeconds, groupId }: Outgoing, isFifo: boolean): void {
  if (body === '') throw sqsErrors.missing('MessageBody');
  const most = numberOf(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) > most)
    throw sqsErrors.invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  if (delaySeconds !== undefined && !(delaySeconds >= 0 && delaySeconds <= 900))
    throw sqsErrors.invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  if (isFifo && groupId === undefined) throw sqsErrors.missing('MessageGroupId');
  if (isFifo && delaySeconds)
    throw sqsErrors.invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
}

function dedupIdOf({ attributes }: Queue, { body, dedupId }: Outgoing): string {
  if (dedupId !== undefined) return dedupId;
  if (attributes['ContentBasedDeduplication'] === 'true')
    return createHash('sha256').update(body).digest('hex');
  throw sqsErrors.invalid(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

/** Messages of a FIFO queue are numbered so that texts compare as numbers. */
export function sequenceOf(place: number): string {
  return String(place).padStart(20, '0');
}

/** Takes what can be received now; what was received too often goes to its dead letters instead. */
function take(
  { store, clock }: QueueDeps,
  queue: Queue,
  { most, visibilitySeconds }: Reception,
): readonly Message[] {
  const now = clock.now();
  store.expire(queue.name, now - numberOf(queue, 'MessageRetentionPeriod') * 1000);
  const policy = redrivePolicyOf(queue);
  const hidden = now + (visibilitySeconds ?? numberOf(queue, 'VisibilityTimeout')) * 1000;
  const received: Message[] = [];
  for (;;) {
    const found = store.visible(queue, { now, limit: most - received.length });
    const dead = found.filter(({ receives }) => policy !== undefined && receives >= policy.most);
    for (const message of dead)
      store.update({ ...message, queue: policy?.target ?? queue.name, visible: now, receives: 0 });
    for (const message of found.filter((each) => !dead.includes(each))) {
      const first_received = message.first_received ?? now;
      const taken = { ...message, receives: message.receives + 1, visible: hidden, first_received };
      store.update(taken);
      received.push(taken);
    }
    if (dead.length === 0 || received.length >= most) return received;
  }
}

interface Waiting {
  readonly clock: Clock;
  readonly watch: (queue: string, callback: () => void) => () => void;
  next(): number | undefined;
  take(): readonly Message[];
}

/** Receives at once what is there, or waits for the first that comes. */
async function receiveWaiting(
  queue: Queue,
  reception: Reception,
  waiting: Waiting,
): Promise<readonly Message[]> {
  const seconds = reception.waitSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
  const until = waiting.clock.now() + seconds * 1000;
  for (;;) {
    const messages = waiting.take();
    if (messages.length > 0 || waiting.clock.now() >= until) return messages;
    await somethingComes(queue.name, Math.min(until, waiting.next() ?? until), waiting);
  }
}

function somethingComes(queue: string, at: number, { clock, watch }: Waiting): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      ignore();
      resolve();
    };
    const cancel = clock.at(at, done);
    const ignore = watch(queue, done);
  });
}

/** What a receiver hands in to delete the message. */
export function receiptOf({ place, receives, id }: Message): string {
  return Buffer.from(JSON.stringify([place, receives, id])).toString('base64url');
}

/** The message that a receipt was handed out for. Undefined: it is gone; deleting twice is deleting once. */
function messageOf(store: QueueStore, queue: Queue, receipt: string): Message | undefined {
  const address = parseReceipt(receipt);
  if (!address) throw sqsErrors.badReceipt(receipt);
  const message = store.message(address.place);
  return message?.id === address.id && message.queue === queue.name ? message : undefined;
}

function parseReceipt(receipt: string): { place: number; id: string } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(receipt, 'base64url').toString());
    const [place, , id]: unknown[] = Array.isArray(parts) ? parts : [];
    return typeof place === 'number' && typeof id === 'string' ? { place, id } : undefined;
  } catch {
    return undefined; // a text that was never a receipt
  }
}
