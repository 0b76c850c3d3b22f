import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { CLIENT_SETTINGS } from '../client-settings.ts';
import { readRunsConfig } from '../runs-config.ts';
import { storeTaskToken } from './step.ts';

const { table, bus } = readRunsConfig(process.env);
const step = storeTaskToken({
  runs: openRuns({ client: new DynamoDBClient(CLIENT_SETTINGS), table }),
  sfn: new SFNClient(CLIENT_SETTINGS),
  events: lifecycleEvents(new EventBridgeClient(CLIENT_SETTINGS), bus),
});

export const handler = stepHandler(step, {
  config: readConfig(process.env),
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  log: powertoolsLog('state-data-manager'),
  clock: () => performance.now(),
});
