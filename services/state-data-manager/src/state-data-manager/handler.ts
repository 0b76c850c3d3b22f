import { S3Client } from '@aws-sdk/client-s3';
import { openStore, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, readConfig } from '@statebag/step-kit';
import { actionHandler } from './action-handler.ts';

export const handler = actionHandler({
  config: readConfig(process.env),
  process: openStore(s3ObjectStore(new S3Client({}))),
  log: powertoolsLog('state-data-manager'),
  clock: () => performance.now(),
});
