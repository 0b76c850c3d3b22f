import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';

/** The account that the credentials belong to: those of the environment, if none are given. */
export async function callerAccount(
  place: Pick<STSClientConfig, 'region' | 'endpoint' | 'credentials'>,
): Promise<string> {
  const sts = new STSClient(place);
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  if (Account === undefined) throw new Error('GetCallerIdentity answered without an account');
  return Account;
}

/** The bucket of a stage: the one that was chosen, else the one that `account-names.cjs` names. */
export async function stateBucket(stage: string, region: string): Promise<string> {
  return (
    process.env['STATEBAG_STATE_BUCKET'] ||
    `statebag-state-${stage}-${await callerAccount({ region })}-${region}`
  );
}

interface Place {
  readonly region: string;
  readonly endpoint?: string;
}

/** Deletes a bucket with everything in it. Gives the number of objects. */
export async function removeBucket(bucket: string, place: Place): Promise<number> {
  const s3 = new S3Client({ ...place, forcePathStyle: place.endpoint !== undefined });
  let removed = 0;
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) break;
    await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
      }),
    );
    removed += Contents.length;
  }
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  s3.destroy();
  return removed;
}

/** Deletes a table with everything in it. */
export async function removeTable(table: string, place: Place): Promise<void> {
  const dynamodb = new DynamoDBClient(place);
  await dynamodb.send(new DeleteTableCommand({ TableName: table }));
  dynamodb.destroy();
}

/** Deletes what the stage keeps in SSM for itself; the keys of providers are not its own. Gives the names. */
export async function removeParameters(stage: string, place: Place): Promise<readonly string[]> {
  const ssm = new SSMClient(place);
  const Names = ['rollout', 'deployed-ref'].map((name) => `/statebag/${stage}/${name}`);
  const { DeletedParameters = [] } = await ssm.send(new DeleteParametersCommand({ Names }));
  ssm.destroy();
  return DeletedParameters;
}
