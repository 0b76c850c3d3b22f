import { S3Client } from '@aws-sdk/client-s3';
import { openStore, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, stepHandler } from '@statebag/step-kit';
import { openProviders } from './open-providers.ts';
import { readRunnerConfig } from './runner-config.ts';
import { readSsmParameter } from './ssm-parameter.ts';
import { executeSegment } from './step.ts';

const config = readRunnerConfig(process.env);

export const handler = stepHandler(executeSegment(openProviders(config, readSsmParameter)), {
  config,
  process: openStore(s3ObjectStore(new S3Client({}))),
  log: powertoolsLog('segment-runner'),
  clock: () => performance.now(),
});
