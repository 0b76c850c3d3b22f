import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { openRuns, type Runs } from '../src/index.ts';

export interface TestTable {
  readonly runs: Runs;
  readonly client: DynamoDBClient;
  readonly table: string;
  /** For further clients of the same cloud. */
  readonly config: LocalCloud['clientOptions'];
  close(): Promise<void>;
}

const TABLE = 'statebag-runs-test';
const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];

/**
 * The table `runs`, as services/state-data-manager/serverless.yml describes it, in a cloud of its own. With
 * quotas a client does not try again.
 */
export async function openTestTable(
  options: Pick<LocalCloudOptions, 'quotas' | 'clock'> = {},
): Promise<TestTable> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-runs-'));
  const cloud = await startLocalCloud({ dataDir, ...options });
  const client = new DynamoDBClient({ ...cloud.clientOptions, ...(options.quotas && { maxAttempts: 1 }) });
  await createRunsTable(client, TABLE);
  const close = async () => {
    client.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return {
    runs: openRuns({ client, table: TABLE }),
    client,
    table: TABLE,
    config: cloud.clientOptions,
    close,
  };
}

/** The table as services/state-data-manager/serverless.yml describes it. */
export async function createRunsTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: keys('pk', 'sk'),
      GlobalSecondaryIndexes: [
        { IndexName: 'by-owner', KeySchema: keys('gsi1pk', 'gsi1sk'), Projection: { ProjectionType: 'ALL' } },
        {
          IndexName: 'by-due',
          KeySchema: keys('gsi2pk', 'gsi2sk'),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
}
