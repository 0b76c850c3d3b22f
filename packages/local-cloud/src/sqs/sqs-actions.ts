import { createHash } from 'node:crypto';
import { ApiError, type Clock, type Journal, type JsonActions } from '@statebag/states';
import { messageAttributesDigest } from './message-digest.ts';
import { checkAttributes, redrivePolicyOf, shownAttributes } from './queue-attributes.ts';
import { sqsErrors } from './queue-errors.ts';
import type { Message, MessageAttribute, Queue } from './queue-store.ts';
import { type Outgoing, openQueues, type Queues, receiptOf, sequenceOf } from './sqs.ts';
import { attributesOf, type Input, list, number, objectOf, required, text, texts } from './sqs-input.ts';

interface SqsContext {
  readonly queues: Queues;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly account: string;
  arnOf(queue: string): string;
  /** The address of the cloud. */
  endpoint(): string;
}

/** SQS over the journal. */
export function openSqs(deps: Omit<SqsContext, 'queues'>): {
  readonly queues: Queues;
  readonly actions: JsonActions;
} {
  const queues = openQueues(deps);
  return { queues, actions: createSqsActions({ ...deps, queues }) };
}

/** SQS in the JSON protocol. What it acknowledges is durable. */
function createSqsActions(context: SqsContext): JsonActions {
  const actions: JsonActions = {
    ...queueActions(context),
    ...messageActions(context),
    ...batchActions(context),
  };
  const durable = Object.entries(actions).map(([name, action]) => [
    name,
    async (input: Record<string, unknown>) => {
      const answer = await action(input);
      await context.journal.flush();
      return answer;
    },
  ]);
  return Object.fromEntries(durable);
}

function queueActions(context: SqsContext): JsonActions {
  const { queues, journal, clock } = context;
  const { store } = queues;
  const urlOf = (name: string): string => `${context.endpoint()}/${context.account}/${name}`;
  const change = (queue: Queue, changes: Partial<Queue>): object => {
    journal.write(() => store.save({ ...queue, ...changes, modified: clock.now() }));
    return {};
  };
  return {
    async CreateQueue(input) {
      const name = required(input, 'QueueName');
      const [attributes, tags] = [texts(input['Attributes']), texts(input['tags'])];
      if (!/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name))
        throw sqsErrors.invalid(
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        );
      checkAttributes(name, attributes);
      const known = store.queue(name);
      const differs = Object.entries(attributes).some(([key, value]) => known?.attributes[key] !== value);
      if (known && differs) throw sqsErrors.nameExists();
      const created = clock.now();
      if (!known) journal.write(() => store.save({ name, attributes, tags, created, modified: created }));
      return { QueueUrl: urlOf(name) };
    },
    GetQueueUrl: async (input) => ({ QueueUrl: urlOf(named(context, required(input, 'QueueName')).name) }),
    async ListQueues(input) {
      const prefix = input['QueueNamePrefix'];
      return {
        QueueUrls: store.queues(typeof prefix === 'string' ? prefix : '').map(({ name }) => urlOf(name)),
      };
    },
    async DeleteQueue(input) {
      const queue = queueOf(context, input);
      journal.write(() => store.remove(queue.name));
      return {};
    },
    async PurgeQueue(input) {
      const queue = queueOf(context, input);
      journal.write(() => store.purge(queue.name));
      return {};
    },
    async GetQueueAttributes(input) {
      const queue = queueOf(context, input);
      const counts = store.counts(queue.name, clock.now());
      const all = shownAttributes(queue, { arn: context.arnOf(queue.name), counts });
      const names = list(input['AttributeNames']).map(String);
      const shown = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
      return shown.length > 0 ? { Attributes: Object.fromEntries(shown) } : {};
    },
    async SetQueueAttributes(input) {
      const queue = queueOf(context, input);
      const attributes = { ...queue.attributes, ...texts(input['Attributes']) };
      checkAttributes(queue.name, attributes);
      return change(queue, { attributes });
    },
    async ListDeadLetterSourceQueues(input) {
      const { name } = queueOf(context, input);
      const sources = store.queues('').filter((queue) => redrivePolicyOf(queue)?.target === name);
      return { queueUrls: sources.map((queue) => urlOf(queue.name)) };
    },
    ListQueueTags: async (input) => ({ Tags: queueOf(context, input).tags }),
    async TagQueue(input) {
      const queue = queueOf(context, input);
      return change(queue, { tags: { ...queue.tags, ...texts(input['Tags']) } });
    },
    async UntagQueue(input) {
      const queue = queueOf(context, input);
      const gone = list(input['TagKeys']).map(String);
      const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !gone.includes(key)));
      return change(queue, { tags });
    },
  };
}

function messageActions(context: SqsContext): JsonActions {
  const { queues } = context;
  return {
    SendMessage: async (input) => send(context, queueOf(context, input), input),
    async ReceiveMessage(input) {
      const queue = queueOf(context, input);
      const most = number(input, 'MaxNumberOfMessages', [1, 10]) ?? 1;
      const messages = await queues.receive(queue, {
        most,
        waitSeconds: number(input, 'WaitTimeSeconds', [0, 20]),
        visibilitySeconds: number(input, 'VisibilityTimeout', [0, 43_200]),
      });
      return messages.length > 0 ? { Messages: messages.map((message) => received(message, input)) } : {};
    },
    async DeleteMessage(input) {
      queues.delete(queueOf(context, input), required(input, 'ReceiptHandle'));
      return {};
    },
    async ChangeMessageVisibility(input) {
      const queue = queueOf(context, input);
      const seconds = number(input, 'VisibilityTimeout', [0, 43_200]);
      if (seconds === undefined) throw sqsErrors.missing('VisibilityTimeout');
      queues.changeVisibility(queue, required(input, 'ReceiptHandle'), seconds);
      return {};
    },
  };
}

const MOST_ENTRIES = 10;

/** Each entry of a batch succeeds or fails for itself. */
function batchActions(context: SqsContext): JsonActions {
  const { queues } = context;
  const batch =
    (work: (queue: Queue, entry: Input) => object) =>
    async (input: Record<string, unknown>): Promise<object> => {
      const queue = queueOf(context, input);
      const results = entriesOf(input).map((entry) => outcomeOf(entry, () => work(queue, entry)));
      return {
        Successful: results.flatMap((result) => ('success' in result ? [result.success] : [])),
        Failed: results.flatMap((result) => ('failure' in result ? [result.failure] : [])),
      };
    };
  return {
    SendMessageBatch: batch((queue, entry) => send(context, queue, entry)),
    DeleteMessageBatch: batch((queue, entry) => {
      queues.delete(queue, required(entry, 'ReceiptHandle'));
      return {};
    }),
    ChangeMessageVisibilityBatch: batch((queue, entry) => {
      const seconds = number(entry, 'VisibilityTimeout', [0, 43_200]) ?? 0;
      queues.changeVisibility(queue, required(entry, 'ReceiptHandle'), seconds);
      return {};
    }),
  };
}

function entriesOf(input: Input): readonly Input[] {
  const entries = list(input['Entries']).map(objectOf);
  if (entries.length === 0) throw sqsErrors.emptyBatch();
  if (entries.length > MOST_ENTRIES) throw sqsErrors.tooManyEntries();
  if (new Set(entries.map(({ Id: id }) => id)).size < entries.length) throw sqsErrors.sameIds();
  return entries;
}

type EntryOutcome = { readonly success: object } | { readonly failure: object };

function outcomeOf({ Id }: Input, work: () => object): EntryOutcome {
  try {
    return { success: { Id, ...work() } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { failure: { Id, Code: error.code, Message: error.message, SenderFault: true } };
  }
}

function send({ queues }: SqsContext, queue: Queue, input: Input): object {
  const message: Outgoing = {
    body: required(input, 'MessageBody'),
    attributes: attributesOf(input['MessageAttributes']),
    delaySeconds: number(input, 'DelaySeconds', [0, 900]),
    groupId: text(input['MessageGroupId']),
    dedupId: text(input['MessageDeduplicationId']),
  };
  const { id, sequence } = queues.send(queue, message);
  return {
    MD5OfMessageBody: md5(message.body),
    MessageId: id,
    ...digestOf(message.attributes),
    ...(sequence === undefined ? {} : { SequenceNumber: sequence }),
  };
}

function received(message: Message, input: Input): object {
  const wanted = list(input['MessageAttributeNames']).map(String);
  const attributes = Object.entries(message.attributes).filter(([name]) =>
    wanted.some(
      (each) =>
        each === 'All' || each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -1))),
    ),
  );
  const system = [...list(input['AttributeNames']), ...list(input['MessageSystemAttributeNames'])].map(
    String,
  );
  const shown = Object.entries(systemAttributes(message)).filter(
    ([name]) => system.includes('All') || system.includes(name),
  );
  const chosen = Object.fromEntries(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(shown.length > 0 ? { Attributes: Object.fromEntries(shown) } : {}),
    ...(attributes.length > 0 ? { MessageAttributes: chosen, ...digestOf(chosen) } : {}),
  };
}

/** What the queue itself says of a message. */
export function systemAttributes(message: Message): Record<string, string> {
  return {
    SenderId: message.sender,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.first_received ?? message.sent),
    ...(message.group_id === null ? {} : { MessageGroupId: message.group_id }),
    ...(message.dedup_id === null
      ? {}
      : { MessageDeduplicationId: message.dedup_id, SequenceNumber: sequenceOf(message.place) }),
  };
}

function digestOf(attributes: Readonly<Record<string, MessageAttribute>>): object {
  return Object.keys(attributes).length > 0
    ? { MD5OfMessageAttributes: messageAttributesDigest(attributes) }
    : {};
}

export const md5 = (value: string): string => createHash('md5').update(value).digest('hex');

/** A queue's address is its account and its name, whatever host stands before them. */
function queueOf(context: SqsContext, input: Input): Queue {
  const [name = '', account] = required(input, 'QueueUrl').split('/').reverse();
  if (account !== context.account) throw sqsErrors.noQueue();
  return named(context, name);
}

function named({ queues }: SqsContext, name: string): Queue {
  const queue = queues.store.queue(name);
  if (!queue) throw sqsErrors.noQueue();
  return queue;
}
