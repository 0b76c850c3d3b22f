import { S3Client } from '@aws-sdk/client-s3';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore, s3ObjectStreams } from '@statebag/state-core';
import { powertoolsLog, stepHandler } from '@statebag/step-kit';
import { guardedHttp, openProviders, readSsmParameter } from '@statebag/workflow';
import { invokeFunction } from '../execute-segment/invoke-function.ts';
import { refuseCancelled } from '../execute-segment/refuse-cancelled.ts';
import { readRunnerConfig } from '../execute-segment/runner-config.ts';
import { processSegmentChunk } from './step.ts';

const config = readRunnerConfig(process.env);
const s3 = new S3Client(S3_CLIENT_SETTINGS);
const deps = {
  ...{ providers: openProviders(config, readSsmParameter), http: guardedHttp({ allowed_hosts: config.httpAllowedHosts }), invoke: invokeFunction },
  mayCall: refuseCancelled(config.runsTable),
  streams: (counts: Parameters<typeof s3ObjectStreams>[1]) => s3ObjectStreams(s3, counts),
};

export const handler = stepHandler(processSegmentChunk(deps), {
  config,
  process: openStore(s3ObjectStore(s3)),
  log: powertoolsLog('segment-runner'),
  clock: () => performance.now(),
});
