import { DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { executionId } from '@statebag/contracts/ids';
import { endedPartition, openRuns } from '@statebag/runs';
import type { Target } from './target.ts';

const POLL_MS = 200;
/** The service tells of an end within seconds; where it takes longer, nobody takes it in. */
const LATEST_MS = 60_000;

/** How the table says a run ended, once it does. @throws where it does not in time */
export async function recordedEnd({ items, table }: Target, run: string): Promise<string> {
  const runs = openRuns({ client: items, table });
  const latest = Date.now() + LATEST_MS;
  for (;;) {
    const record = await runs.getRun(executionId(run));
    if (record && record.status !== 'RUNNING') return `${record.status}, on ${record.generation}`;
    if (Date.now() > latest)
      throw new Error(
        `after ${LATEST_MS / 1_000} s the table ${table} has ${record ? 'it as RUNNING' : 'no such run'}`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Deletes every object of an owner. Gives their number. */
export async function removeObjects({ s3, bucket }: Target, owner: string): Promise<number> {
  let removed = 0;
  for (const Prefix of ['runs', 'definitions', 'uploads'].map((top) => `${top}/${owner}/`)) {
    for (;;) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      if (Contents.length === 0) break;
      await s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
        }),
      );
      removed += Contents.length;
    }
  }
  return removed;
}

/**
 * Deletes what the table knows of a run: its own items, and its end, which would count in the figures of the
 * rollout. Gives their number.
 */
export async function removeItems({ items, table }: Target, run: string): Promise<number> {
  const newest = async (partition: string) => {
    const query = {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: partition } },
      ScanIndexForward: false,
    };
    return (await items.send(new QueryCommand({ TableName: table, ...query }))).Items ?? [];
  };
  const partition = endedPartition({ generation: 'v3', execution_id: executionId(run) });
  const ends = (await newest(partition)).filter(({ sk }) => sk?.S?.endsWith(`#${run}`));
  const found = [...(await newest(`run#${run}`)), ...ends];
  for (const { pk, sk } of found)
    if (pk && sk) await items.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } }));
  return found.length;
}
