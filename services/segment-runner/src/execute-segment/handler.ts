import { S3Client } from '@aws-sdk/client-s3';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog } from '@statebag/step-kit';
import { guardedHttp, openProviders, readSsmParameter } from '@statebag/workflow';
import { invokeFunction } from './invoke-function.ts';
import { bothGenerations } from './legacy/both-generations.ts';
import { refuseCancelled } from './refuse-cancelled.ts';
import { readRunnerConfig } from './runner-config.ts';

const config = readRunnerConfig(process.env);

const outside = {
  ...{ providers: openProviders(config, readSsmParameter), http: guardedHttp({ allowed_hosts: config.httpAllowedHosts }), invoke: invokeFunction },
  mayCall: refuseCancelled(config.runsTable),
};

export const handler = bothGenerations(outside, {
  config,
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  log: powertoolsLog('segment-runner'),
  clock: () => performance.now(),
});
