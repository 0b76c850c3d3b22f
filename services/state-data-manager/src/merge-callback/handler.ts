import { S3Client } from '@aws-sdk/client-s3';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { mergeCallback } from './step.ts';

export const handler = stepHandler(mergeCallback, {
  config: readConfig(process.env),
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  log: powertoolsLog('state-data-manager'),
  clock: () => performance.now(),
});
