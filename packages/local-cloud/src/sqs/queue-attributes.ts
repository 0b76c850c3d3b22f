import { sqsErrors } from './queue-errors.ts';
import type { Queue } from './queue-store.ts';

/** The attributes that a queue may be given: the value it has otherwise, and the range of a number. */
const SETTABLE: Readonly<
  Record<string, { readonly initial?: string; readonly range?: readonly [number, number] }>
> = {
  VisibilityTimeout: { initial: '30', range: [0, 43_200] },
  DelaySeconds: { initial: '0', range: [0, 900] },
  MaximumMessageSize: { initial: '1048576', range: [1024, 1_048_576] },
  MessageRetentionPeriod: { initial: '345600', range: [60, 1_209_600] },
  ReceiveMessageWaitTimeSeconds: { initial: '0', range: [0, 20] },
  RedrivePolicy: {},
  RedriveAllowPolicy: {},
  Policy: {},
  KmsMasterKeyId: {},
  KmsDataKeyReusePeriodSeconds: { range: [60, 86_400] },
  SqsManagedSseEnabled: { initial: 'true' },
  FifoQueue: {},
  ContentBasedDeduplication: {},
  DeduplicationScope: {},
  FifoThroughputLimit: {},
};

/** A number of a queue, as set or as it is without. */
export function numberOf({ attributes }: Queue, name: string): number {
  return Number(attributes[name] ?? SETTABLE[name]?.initial ?? 0);
}

/** Where messages go that were received too often. */
export interface RedrivePolicy {
  readonly target: string;
  readonly most: number;
}

export function redrivePolicyOf({ attributes }: Queue): RedrivePolicy | undefined {
  const text = attributes['RedrivePolicy'];
  return text === undefined || text === '' ? undefined : parsePolicy(text);
}

function parsePolicy(text: string): RedrivePolicy {
  const policy = parsed(text);
  const target = policy['deadLetterTargetArn'];
  const most = Number(policy['maxReceiveCount']);
  if (typeof target !== 'string' || !Number.isInteger(most) || most < 1 || most > 1000)
    throw sqsErrors.badValue('RedrivePolicy');
  return { target: target.slice(target.lastIndexOf(':') + 1), most };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch (cause) {
    throw Object.assign(sqsErrors.badValue('RedrivePolicy'), { cause });
  }
  throw sqsErrors.badValue('RedrivePolicy');
}

/** Checks what a request sets. */
export function checkAttributes(name: string, attributes: Readonly<Record<string, string>>): void {
  for (const [attribute, value] of Object.entries(attributes)) {
    const known = Object.hasOwn(SETTABLE, attribute) ? SETTABLE[attribute] : undefined;
    if (!known) throw sqsErrors.badAttribute(attribute);
    const [least, most] = known.range ?? [];
    const number = Number(value);
    if (least === undefined || most === undefined) continue;
    if (!Number.isInteger(number) || number < least || number > most) throw sqsErrors.badValue(attribute);
  }
  if (attributes['RedrivePolicy']) parsePolicy(attributes['RedrivePolicy']);
  const isFifo = attributes['FifoQueue'] === 'true';
  if (isFifo !== name.endsWith('.fifo'))
    throw sqsErrors.invalid(
      isFifo
        ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
        : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
}

/** What a queue is, as GetQueueAttributes shows it. */
export function shownAttributes(
  queue: Queue,
  { arn, counts }: { arn: string; counts: { visible: number; delayed: number; inFlight: number } },
): Record<string, string> {
  const initial = Object.entries(SETTABLE).flatMap(([name, { initial: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.created / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modified / 1000)),
    ...Object.fromEntries(initial),
    ...queue.attributes,
  };
}
