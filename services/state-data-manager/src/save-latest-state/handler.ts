import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { matching, powertoolsLog, readConfig, stepHandler } from '@statebag/step-kit';
import { latestStates } from './latest-states.ts';
import { saveLatestState } from './step.ts';

const states = latestStates(new DynamoDBClient({}), matching(process.env, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/));

export const handler = stepHandler(saveLatestState(states), {
  config: readConfig(process.env),
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  log: powertoolsLog('state-data-manager'),
  clock: () => performance.now(),
});
