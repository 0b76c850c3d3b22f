import { S3Client } from '@aws-sdk/client-s3';
import { placeOf, s3 } from '@statebag/aws-requests';
import type { ObjectStore } from '../src/store/object-store.ts';
import { requestedObjectStore } from '../src/store/requested-object-store.ts';
import { S3_CLIENT_SETTINGS } from '../src/store/s3-client-settings.ts';
import { s3ObjectStore } from '../src/store/s3-object-store.ts';

/** Where S3 is, and how patient its clients are; without tries they are those of the functions. */
export interface TestS3 {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
  readonly requestTimeout?: number;
}

/** The stores on S3 by what makes their requests: the command line has the SDK, the functions plain ones. */
export const STORES_ON_S3: Readonly<Record<string, (at: TestS3) => ObjectStore>> = {
  'the SDK': ({ endpoint, region, credentials, ...patience }) =>
    s3ObjectStore(
      new S3Client({ ...settings(patience), endpoint, region, credentials, forcePathStyle: true }),
    ),
  'plain requests': ({ endpoint, region, credentials, ...patience }) =>
    requestedObjectStore(
      s3(
        placeOf({
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        }),
        settings(patience),
      ),
    ),
};

function settings({ maxAttempts, requestTimeout }: Pick<TestS3, 'maxAttempts' | 'requestTimeout'>) {
  return {
    maxAttempts: maxAttempts ?? S3_CLIENT_SETTINGS.maxAttempts,
    requestHandler: {
      ...S3_CLIENT_SETTINGS.requestHandler,
      ...(requestTimeout !== undefined && { requestTimeout }),
    },
  };
}
