import { S3Client } from '@aws-sdk/client-s3';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';

const client = new S3Client(S3_CLIENT_SETTINGS);

/** Streams on S3, by one client of the process. */
export function sdkStreams(counts: StoreCounts): ObjectStreams {
  return s3ObjectStreams(client, counts);
}
