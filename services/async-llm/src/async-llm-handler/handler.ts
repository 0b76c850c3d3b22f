import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import { openStore, S3_CLIENT_SETTINGS, s3ObjectStore } from '@statebag/state-core';
import { powertoolsLog, stepHandler } from '@statebag/step-kit';
import { openProviders, readSsmParameter } from '@statebag/workflow';
import { taskTokens } from '../task-tokens.ts';
import { readWorkerConfig } from './read-worker-config.ts';
import { asyncLlm } from './step.ts';

const config = readWorkerConfig(process.env);
const log = powertoolsLog('async-llm');

const tools = {
  ...{ log, rhythm: config, clock: Date.now, newHolder: randomUUID },
  providers: openProviders(config, readSsmParameter),
  tokens: taskTokens(new SFNClient({})),
  runs: openRuns({ client: new DynamoDBClient({}), table: config.runsTable }),
  events: lifecycleEvents(new EventBridgeClient({}), config.eventBus),
};

export const handler = stepHandler(asyncLlm(tools), {
  ...{ config, log },
  process: openStore(s3ObjectStore(new S3Client(S3_CLIENT_SETTINGS))),
  clock: () => performance.now(),
});
