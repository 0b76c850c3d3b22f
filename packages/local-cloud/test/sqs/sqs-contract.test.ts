import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { virtualClock } from '@statebag/states';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

const clock = virtualClock(Date.UTC(2026, 0, 1));
/** Time passes only where a test says so. */
const release = clock.hold();
let opened: TestCloud;
let sqs: SQSClient;
let queues = 0;

beforeAll(async () => {
  opened = await openTestCloud({ clock, durable: false });
  sqs = new SQSClient(opened.config);
});

afterAll(async () => {
  release();
  sqs.destroy();
  await opened.close();
});

async function newQueue(Attributes: Record<string, string> = {}): Promise<string> {
  queues += 1;
  const QueueName = `queue-${queues}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl ?? '';
}

const send = (QueueUrl: string, MessageBody: string, rest: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...rest }));

const receive = async (QueueUrl: string, rest: object = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...rest }))).Messages ?? [];

const bodies = async (QueueUrl: string) => (await receive(QueueUrl)).map(({ Body }) => Body);

/** Lets time pass, as nothing else holds the clock. */
function pass(seconds: number): Promise<void> {
  const passed = new Promise<void>((resolve) => void clock.at(clock.now() + seconds * 1000, resolve));
  release();
  return passed;
}

test('a message comes with its attributes, and not again once it is deleted', async () => {
  const url = await newQueue();
  await send(url, 'hello', {
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'greeting' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
    },
  });
  const [message] = await receive(url, {
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  expect(message).toMatchObject({
    Body: 'hello',
    Attributes: { ApproximateReceiveCount: '1' },
    MessageAttributes: { kind: { StringValue: 'greeting' }, raw: { BinaryValue: Uint8Array.of(1, 2) } },
  });
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
  await sqs
    .send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    )
    .catch((error: Error) => expect(error.name).toContain('MessageNotInflight'));
  expect(await receive(url)).toEqual([]);
});

test('a received message is hidden until its receiver gives it back', async () => {
  const url = await newQueue();
  await send(url, 'once');
  const [message] = await receive(url);
  expect(await receive(url)).toEqual([]);
  const { ReceiptHandle } = message ?? {};
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }));
  expect(await bodies(url)).toEqual(['once']);
});

test('a message that is received too often goes to the dead letters', async () => {
  const dead = await newQueue();
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }),
  );
  const url = await newQueue({
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: 2 }),
  });
  await send(url, 'poison');
  for (const expected of [['poison'], ['poison'], []]) expect(await bodies(url)).toEqual(expected);
  expect(await bodies(dead)).toEqual(['poison']);
});

test('a long poll is answered by the message that comes', async () => {
  const url = await newQueue();
  const waiting = receive(url, { WaitTimeSeconds: 20 });
  await send(url, 'late');
  expect((await waiting).map(({ Body }) => Body)).toEqual(['late']);
});

test('a FIFO queue keeps the order of a group, and takes a message twice only once', async () => {
  const url = await newQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  for (const [group, body] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
    ['a', 'a1'],
  ] as const)
    await send(url, body, { MessageGroupId: group });
  const [first] = await receive(url, { MaxNumberOfMessages: 1 });
  expect(first?.Body).toBe('a1');
  expect(await bodies(url)).toEqual(['b1']);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
  expect(await bodies(url)).toEqual(['a2']);
});

test('entries of a batch succeed and fail one by one', async () => {
  const url = await newQueue({ FifoQueue: 'true' });
  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: url,
      Entries: [
        { Id: 'good', MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: '1' },
        { Id: 'bad', MessageBody: 'x' },
      ],
    }),
  );
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'MissingParameter', SenderFault: true }]);
  const [message] = await receive(url);
  const Entries = [{ Id: '1', ReceiptHandle: message?.ReceiptHandle }];
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  expect(deleted.Successful).toEqual([{ Id: '1' }]);
});

test('a delayed message comes after its time', async () => {
  const url = await newQueue();
  await send(url, 'later', { DelaySeconds: 60 });
  expect(await bodies(url)).toEqual([]);
  await pass(60);
  expect(await bodies(url)).toEqual(['later']);
});

test('a function gets the messages of its queue, and again those that it could not handle', async () => {
  const dead = await newQueue();
  const arnOf = (url: string) => `arn:aws:sqs:us-east-1:000000000000:${url.slice(url.lastIndexOf('/') + 1)}`;
  const url = await newQueue({
    VisibilityTimeout: '5',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 2 }),
  });
  const code = `async ({ Records }) => ({
    batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })),
  })`;
  await deployCode(opened.cloud, 'receiver', code);
  const lambda = new LambdaClient(opened.config);
  const mapping = { EventSourceArn: arnOf(url), FunctionName: 'receiver' };
  const { UUID } = await lambda.send(
    new CreateEventSourceMappingCommand({ ...mapping, FunctionResponseTypes: ['ReportBatchItemFailures'] }),
  );
  await expect(lambda.send(new CreateEventSourceMappingCommand(mapping))).rejects.toMatchObject({
    name: 'ResourceConflictException',
  });
  for (const body of ['good', 'bad']) await send(url, body);
  const [left] = await receive(dead, { WaitTimeSeconds: 20 });
  expect(left?.Body).toBe('bad');
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  await send(url, 'good');
  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({}));
  expect(EventSourceMappings).toEqual([]);
  expect(await bodies(url)).toEqual(['good']);
  lambda.destroy();
});

test('messages and queues survive a restart, and a deleted queue is gone', async () => {
  const url = await newQueue();
  await send(url, 'kept');
  opened = await opened.restart();
  sqs.destroy();
  sqs = new SQSClient(opened.config);
  const QueueName = url.slice(url.lastIndexOf('/') + 1);
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  expect(await bodies(QueueUrl)).toEqual(['kept']);
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: QueueName }));
  expect(QueueUrls ?? []).toEqual([]);
  await expect(send(QueueUrl, 'x')).rejects.toMatchObject({ message: 'The specified queue does not exist.' });
});

test.each<[string, Record<string, string>, string]>([
  ['an attribute that does not exist', { Nothing: '1' }, 'InvalidAttributeName'],
  ['a value out of its range', { DelaySeconds: '901' }, 'InvalidAttributeValue'],
])('a queue is refused with %s', async (_, attributes, name) => {
  await expect(newQueue(attributes)).rejects.toMatchObject({ name });
});
