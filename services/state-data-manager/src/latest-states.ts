import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type JsonObject, type Sha256, StatebagError, type Timestamp } from '@statebag/contracts';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { legacyIds } from '@statebag/state-core/legacy';

/** The run a first-generation state is the latest of: its owner, and the key it was started under. */
export interface LatestStateKey {
  readonly owner_id: OwnerId;
  readonly key: string;
}

/** The key a run was started under: its idempotency key, else its own id. */
export function latestStateKey(bag: JsonObject): LatestStateKey {
  const { owner_id, execution_id } = legacyIds(bag);
  const { idempotency_key: key } = bag;
  return { owner_id, key: key === undefined || key === null ? execution_id : String(key) };
}

/** Where the latest bag of a run lies. */
export interface LatestState {
  readonly execution_id: ExecutionId;
  readonly s3_path: S3Uri;
  readonly sha256: Sha256;
  /** Turns the bag has counted: an older bag never takes a newer one's place. */
  readonly loop_counter: number;
  /** How often the run was started again before. */
  readonly resume_count: number;
  readonly saved_at: Timestamp;
}

/** The latest states of first-generation runs. */
export interface LatestStates {
  /** Null where nothing was saved under the key. */
  read(key: LatestStateKey): Promise<LatestState | null>;
  /** Keeps the bag, unless a newer one of the same execution is there. */
  save(key: LatestStateKey, state: LatestState): Promise<void>;
}

/** Kept as long as the objects of a run. */
const KEPT_SECONDS = 90 * 86_400;

/** Over the table of runs. @throws `Store.Unavailable`, `Store.AccessDenied` */
export function latestStates(client: DynamoDBClient, table: string): LatestStates {
  return {
    async read(key) {
      const { Item } = await client
        .send(new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }))
        .catch(raised);
      if (!Item) return null;
      return {
        execution_id: Item['execution_id']?.S as ExecutionId, // as `save` wrote it; so are the others
        s3_path: Item['s3_path']?.S as S3Uri,
        sha256: Item['sha256']?.S as Sha256,
        loop_counter: Number(Item['loop_counter']?.N),
        resume_count: Number(Item['resume_count']?.N ?? 0), // items of before runs were counted have none
        saved_at: Item['saved_at']?.S as Timestamp,
      };
    },
    async save(key, state) {
      await client.send(new PutItemCommand(putOf(table, key, state))).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) raised(error);
      });
    },
  };
}

function keyOf({ owner_id, key }: LatestStateKey) {
  return { pk: { S: `legacy#${owner_id}#${key}` }, sk: { S: 'latest-state' } };
}

function putOf(
  table: string,
  key: LatestStateKey,
  { execution_id, s3_path, sha256, loop_counter, resume_count, saved_at }: LatestState,
) {
  return {
    TableName: table,
    Item: {
      ...keyOf(key),
      execution_id: { S: execution_id },
      s3_path: { S: s3_path },
      sha256: { S: sha256 },
      loop_counter: { N: String(loop_counter) },
      resume_count: { N: String(resume_count) },
      saved_at: { S: saved_at },
      expires_at: { N: String(Math.floor(Date.parse(saved_at) / 1_000) + KEPT_SECONDS) },
    },
    ConditionExpression: 'attribute_not_exists(pk) OR execution_id <> :execution OR loop_counter <= :counter',
    ExpressionAttributeValues: { ':execution': { S: execution_id }, ':counter': { N: String(loop_counter) } },
  };
}

function raised(error: unknown): never {
  const { name = 'unknown', message = '' } = error instanceof Error ? error : {};
  const code = /AccessDenied|UnrecognizedClient/.test(name) ? 'Store.AccessDenied' : 'Store.Unavailable';
  throw new StatebagError(code, `the table of runs: ${name}: ${message}`, { cause: error });
}
