import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lifecycleEvents, openRuns } from '@statebag/runs';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { openDeps, stepHandler } from '@statebag/step-kit';
import { openProviders, readSsmParameter } from '@statebag/workflow';
import { taskTokens } from '../task-tokens.ts';
import { asyncLlm } from './async-llm.ts';
import { readWorkerConfig } from './read-worker-config.ts';

const s3 = new S3Client(S3_CLIENT_SETTINGS);
const deps = openDeps('async-llm', process.env, s3);
const config = readWorkerConfig(process.env);
const step = asyncLlm({
  log: deps.log,
  streams: (counts: StoreCounts) => s3ObjectStreams(s3, counts),
  rhythm: config,
  money: config,
  clock: Date.now,
  newHolder: randomUUID,
  providers: openProviders(config, readSsmParameter),
  tokens: taskTokens(new SFNClient({})),
  runs: openRuns({ client: new DynamoDBClient({}), table: config.runsTable }),
  events: lifecycleEvents(new EventBridgeClient({}), config.eventBus),
});

export const handler = stepHandler(step, deps);
