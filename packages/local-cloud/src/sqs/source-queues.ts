import type { Clock, Journal } from '@statebag/states';
import type { Message } from './queue-store.ts';
import { type Queues, receiptOf } from './sqs.ts';
import { md5, systemAttributes } from './sqs-actions.ts';

/** A receive takes so many at most. */
const MOST_AT_ONCE = 10;

/** The queues as event sources of functions see them. */
export function sourceQueues({ queues, journal, clock }: { queues: Queues; journal: Journal; clock: Clock }) {
  return {
    async take(name: string, most: number) {
      const queue = queues.store.queue(name);
      if (!queue) return [];
      const taken: Message[] = [];
      while (taken.length < most) {
        const wanted = Math.min(MOST_AT_ONCE, most - taken.length);
        const asked = { most: wanted, waitSeconds: 0, visibilitySeconds: undefined };
        const messages = await queues.receive(queue, asked);
        taken.push(...messages);
        if (messages.length < wanted) break;
      }
      return taken.map((message) => ({
        id: message.id,
        receipt: receiptOf(message),
        record: recordOf(message),
      }));
    },
    async delete(name: string, receipt: string) {
      const queue = queues.store.queue(name);
      if (queue) queues.delete(queue, receipt);
      await journal.flush();
    },
    nextDue: (name: string) => queues.store.nextVisible(name, clock.now()),
    watch: queues.watch,
  };
}

function recordOf(message: Message): Readonly<Record<string, unknown>> {
  const attributes = Object.entries(message.attributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        stringValue: StringValue,
        binaryValue: BinaryValue,
        stringListValues: [],
        binaryListValues: [],
      },
    ],
  );
  return {
    messageId: message.id,
    receiptHandle: receiptOf(message),
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: md5(message.body),
  };
}
