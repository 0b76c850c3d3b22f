import { S3Client } from '@aws-sdk/client-s3';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore, s3ObjectStreams } from '@statebag/state-core';
import { powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { aggregateResults } from './step.ts';

const s3 = new S3Client(S3_CLIENT_SETTINGS);

export const handler = stepHandler(
  aggregateResults((counts) => s3ObjectStreams(s3, counts)),
  {
    config: readConfig(process.env),
    process: openStore(s3ObjectStore(s3)),
    log: powertoolsLog('aggregator'),
    clock: () => performance.now(),
  },
);
