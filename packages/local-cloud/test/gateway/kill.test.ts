import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from './test-cloud.ts';

const PROGRAM = fileURLToPath(new URL('./killed-cloud.ts', import.meta.url));
const ROUNDS = 4;
const children: ChildProcess[] = [];
let dataDir: string;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'killed-'));
});

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

interface Victim {
  readonly child: ChildProcess;
  readonly config: object;
}

async function start(): Promise<Victim> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the cloud ended with ${code} before it was up`)),
  );
  failed.catch(() => undefined);
  const [line] = await Promise.race([once(child.stdout ?? child, 'data'), failed]);
  return {
    child,
    config: {
      endpoint: String(line).trim(),
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'of the test' },
      maxAttempts: 1,
    },
  };
}

async function kill({ child }: Victim): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What was acknowledged before the process died. */
interface Acknowledged {
  readonly objects: Map<string, string>;
  readonly items: string[];
  readonly events: string[];
  readonly invocations: string[];
}

function answersIn({ objects, items, events, invocations }: Acknowledged): number {
  return objects.size + items.length + events.length + invocations.length;
}

/** Writes until the process is gone, noting every answer. */
async function writeUntilKilled(config: object, round: number, acknowledged: Acknowledged): Promise<void> {
  const [s3, lambda, bridge, dynamo] = [
    new S3Client(config),
    new LambdaClient(config),
    new EventBridgeClient(config),
    new DynamoDBClient(config),
  ];
  const writers: ((n: string) => Promise<unknown>)[] = [
    async (n) => {
      const body = n.repeat(Number(n.at(-1)) % 3 === 0 ? 20_000 : 3);
      await s3.send(new PutObjectCommand({ Bucket: 'killed', Key: n, Body: body }));
      acknowledged.objects.set(n, body);
    },
    async (n) => {
      await dynamo.send(new PutItemCommand({ TableName: 'killed', Item: { id: { S: n } } }));
      acknowledged.items.push(n);
    },
    async (n) => {
      await bridge.send(
        new PutEventsCommand({
          Entries: [{ Source: 'killed', DetailType: 't', Detail: JSON.stringify({ n }) }],
        }),
      );
      acknowledged.events.push(n);
    },
    async (n) => {
      await lambda.send(
        new InvokeCommand({
          FunctionName: 'witness',
          InvocationType: 'Event',
          Payload: JSON.stringify({ n }),
        }),
      );
      acknowledged.invocations.push(n);
    },
  ];
  const loops = writers.map(async (write) => {
    for (let n = 0; ; n += 1) await write(`${round}-${n}`);
  });
  await Promise.allSettled(loops);
  for (const client of [s3, lambda, bridge, dynamo]) client.destroy();
}

test('nothing that was answered is lost when the process is killed at any moment', async () => {
  const acknowledged: Acknowledged = { objects: new Map(), items: [], events: [], invocations: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const victim = await start();
    const writing = writeUntilKilled(victim.config, round, acknowledged);
    // Each round dies a little later, at whatever it happens to be doing.
    const enough = answersIn(acknowledged) + 12 + 7 * round;
    await eventually(() => (answersIn(acknowledged) >= enough ? true : undefined), 10_000);
    await kill(victim);
    await writing;
  }
  const survivor = await start();
  const [s3, logs, dynamo] = [
    new S3Client(survivor.config),
    new CloudWatchLogsClient(survivor.config),
    new DynamoDBClient(survivor.config),
  ];
  for (const [Key, body] of acknowledged.objects) {
    expect(
      await (await s3.send(new GetObjectCommand({ Bucket: 'killed', Key }))).Body?.transformToString(),
    ).toBe(body);
  }
  for (const id of acknowledged.items) {
    expect(
      (await dynamo.send(new GetItemCommand({ TableName: 'killed', Key: { id: { S: id } } }))).Item,
    ).toEqual({ id: { S: id } });
  }
  await eventually(async () => {
    const seen = await witnessed(logs);
    const missing = [
      ...acknowledged.events.map((n) => `event ${n}`),
      ...acknowledged.invocations.map((n) => `invoked ${n}`),
    ].filter((line) => !seen.has(line));
    return missing.length === 0 ? true : undefined;
  }, 10_000);
  for (const client of [s3, logs, dynamo]) client.destroy();
  await kill(survivor);
});

/** What the function printed, each line once. */
async function witnessed(logs: CloudWatchLogsClient): Promise<Set<string | undefined>> {
  const lines = new Set<string | undefined>();
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({ logGroupName: '/aws/lambda/witness', nextToken }),
    );
    for (const { message } of page.events ?? []) lines.add(message);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}
