import { S3Client } from '@aws-sdk/client-s3';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { openDeps, stepHandler } from '@statebag/step-kit';
import { aggregateResults } from '@statebag/steps';

const s3 = new S3Client(S3_CLIENT_SETTINGS);
const step = aggregateResults((counts) => s3ObjectStreams(s3, counts));

export const handler = stepHandler(step, openDeps('aggregator', process.env));
