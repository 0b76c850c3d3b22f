import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

/** Whose credentials they are. */
export interface Caller {
  /** `aws`; in China and in the clouds of governments another one. */
  readonly partition: string;
  readonly account: string;
}

/** Who asks: those of the environment, if no credentials are given. */
export async function caller(
  place: Pick<STSClientConfig, 'region' | 'endpoint' | 'credentials'>,
): Promise<Caller> {
  const sts = new STSClient(place);
  const { Arn = '' } = await sts.send(new GetCallerIdentityCommand({})).finally(() => sts.destroy());
  const [, partition, , , account] = Arn.split(':');
  if (partition === undefined || account === undefined)
    throw new Error(`GetCallerIdentity answered without an account: ${Arn}`);
  return { partition, account };
}

/** The bucket of a stage: the one that was chosen, else the one that `account-names.cjs` names. */
export async function stateBucket(stage: string, region: string): Promise<string> {
  return (
    process.env['STATEBAG_STATE_BUCKET'] ||
    `statebag-state-${stage}-${(await caller({ region })).account}-${region}`
  );
}

interface Place {
  readonly region: string;
  readonly endpoint?: string;
}

/**
 * Deletes a bucket with everything in it, what was overwritten or deleted before included. Gives the number of
 * objects and their versions; undefined where there is no such bucket. @throws where an object cannot be deleted
 */
export async function removeBucket(Bucket: string, place: Place): Promise<number | undefined> {
  const s3 = new S3Client({ ...place, forcePathStyle: place.endpoint !== undefined });
  try {
    let removed = 0;
    for (let page = await versionsIn(s3, Bucket); page.length > 0; page = await versionsIn(s3, Bucket)) {
      const { Errors: [failed] = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: page, Quiet: true } }),
      );
      if (failed !== undefined)
        throw new Error(`${failed.Key} of ${Bucket} stays: ${failed.Code}: ${failed.Message}`);
      removed += page.length;
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
    return removed;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucket') return undefined;
    throw error;
  } finally {
    s3.destroy();
  }
}

async function versionsIn(s3: S3Client, Bucket: string): Promise<ObjectIdentifier[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
}

/**
 * Deletes a table with everything in it. False where there is no such table. @throws where it is protected, with what
 * to do
 */
export async function removeTable(TableName: string, place: Place): Promise<boolean> {
  const dynamodb = new DynamoDBClient(place);
  try {
    await dynamodb.send(new DeleteTableCommand({ TableName }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  } finally {
    dynamodb.destroy();
  }
}

/** Deletes what the stage keeps in SSM for itself; the keys of providers are not its own. Gives the names. */
export async function removeParameters(stage: string, place: Place): Promise<readonly string[]> {
  const ssm = new SSMClient(place);
  const Names = ['rollout', 'deployed-ref'].map((name) => `/statebag/${stage}/${name}`);
  const { DeletedParameters = [] } = await ssm.send(new DeleteParametersCommand({ Names }));
  ssm.destroy();
  return DeletedParameters;
}
