import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { OwnerId } from '@statebag/contracts/ids';
import { runPrefix } from '@statebag/contracts/object-keys';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import type { LocalCloud } from '@statebag/local-cloud';
import { everyRun, openRuns, type RunRecord } from '@statebag/runs';
import { whereRecorded } from './run-executions.ts';

/** What was removed, or would be, and the bytes that it takes. */
export interface Pruned {
  readonly runs: readonly RunRecord[];
  readonly bytes: number;
}

/** The runs of a data directory, to be removed. No other process may hold it meanwhile. */
export interface Pruning {
  /** Every run, newest first, as it stands now. */
  runs(owner: OwnerId): Promise<readonly RunRecord[]>;
  /** What the objects of runs take. */
  weigh(runs: readonly RunRecord[]): Promise<Pruned>;
  /** Removes runs with their executions, objects and approvals; one that goes on after all is left. */
  remove(runs: readonly RunRecord[]): Promise<Pruned>;
  close(): Promise<void>;
}

interface Opened {
  readonly cloud: LocalCloud;
  readonly s3: S3Client;
  readonly items: DynamoDBClient;
}

/** Nothing goes on in a cloud that is opened idle, so no run ends or begins while others are removed. */
export async function openPruning(dataDir: string): Promise<Pruning> {
  const { startLocalCloud } = await import('@statebag/local-cloud');
  const cloud = await startLocalCloud({ dataDir, idle: true });
  const s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  const items = new DynamoDBClient(cloud.clientOptions);
  const sfn = new SFNClient(cloud.clientOptions);
  const opened = { cloud, s3, items };
  const runs = openRuns({ client: items, table: LOCAL_APP.runsTable });
  return {
    runs: async (owner) => (await whereRecorded(() => listed({ runs, sfn }, owner))) ?? [],
    weigh: async (some) => {
      const sizes = await Promise.all(some.map((run) => objectsOf(opened, run)));
      return { runs: some, bytes: sizes.flat().reduce((sum, { size }) => sum + size, 0) };
    },
    remove: (some) => removeAll(opened, some, dataDir),
    close: async () => {
      for (const client of [s3, items, sfn]) client.destroy();
      await cloud.close();
    },
  };
}

async function listed(listing: Parameters<typeof everyRun>[0], owner: OwnerId): Promise<RunRecord[]> {
  const found: RunRecord[] = [];
  for await (const run of everyRun(listing, owner)) found.push(run);
  return found;
}

/** The record goes last: a run that was removed in part is listed still, and is removed the next time. */
async function removeAll(opened: Opened, runs: readonly RunRecord[], dataDir: string): Promise<Pruned> {
  const before = bytesBelow(dataDir);
  const gone = new Set(
    await opened.cloud.removeExecutions(runs.flatMap(({ execution_arns }) => execution_arns)),
  );
  const removed = runs.filter(({ execution_arns }) => execution_arns.every((arn) => gone.has(arn)));
  for (const run of removed) {
    await removeObjects(opened, run);
    await removeItems(opened, run);
  }
  return { runs: removed, bytes: Math.max(0, before - bytesBelow(dataDir)) };
}

interface StoredObject {
  readonly key: string;
  readonly size: number;
}

async function objectsOf({ s3 }: Opened, run: RunRecord): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: LOCAL_APP.bucket, Prefix: runPrefix(run), ContinuationToken }),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) found.push({ key: Key, size: Size });
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

/** What one request to S3 deletes. */
const AT_ONCE = 1_000;

async function removeObjects(opened: Opened, run: RunRecord): Promise<void> {
  const keys = (await objectsOf(opened, run)).map(({ key }) => ({ Key: key }));
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const Objects = keys.slice(from, from + AT_ONCE);
    await opened.s3.send(
      new DeleteObjectsCommand({ Bucket: LOCAL_APP.bucket, Delete: { Objects, Quiet: true } }),
    );
  }
}

/** The record of a run, its approvals, leases and parts lie in one partition. */
async function removeItems({ items }: Opened, { execution_id }: RunRecord): Promise<void> {
  const TableName = LOCAL_APP.runsTable;
  for (;;) {
    const { Items = [] } = await items.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ProjectionExpression: 'pk, sk',
        ExpressionAttributeValues: { ':pk': { S: `run#${execution_id}` } },
      }),
    );
    if (Items.length === 0) return;
    for (const Key of Items) await items.send(new DeleteItemCommand({ TableName, Key }));
  }
}

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
