import { S3Client } from '@aws-sdk/client-s3';
import { executeSegment } from '@statebag/segment-runner';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { NO_WAY_OUT } from './no-way-out.ts';

export const handler = stepHandler(executeSegment(NO_WAY_OUT), {
  config: readConfig(process.env),
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  log: powertoolsLog('shadow'),
  clock: () => performance.now(),
});
