import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { lifecycleEvents } from '@statebag/runs';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore, s3ObjectStreams } from '@statebag/state-core';
import { matching, powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { prepareDistributedExecution } from './step.ts';

const config = { ...readConfig(process.env), eventBus: matching(process.env, 'EVENT_BUS', /^[A-Za-z0-9/_.:-]{1,256}$/) };
const s3 = new S3Client(S3_CLIENT_SETTINGS);
const deps = {
  streams: (counts: Parameters<typeof s3ObjectStreams>[1]) => s3ObjectStreams(s3, counts),
  events: lifecycleEvents(new EventBridgeClient({}), config.eventBus),
};

export const handler = stepHandler(prepareDistributedExecution(deps), {
  config,
  process: openStore(s3ObjectStore(s3)),
  log: powertoolsLog('segment-runner'),
  clock: () => performance.now(),
});
