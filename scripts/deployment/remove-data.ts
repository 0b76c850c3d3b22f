import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

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
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true } }));
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
