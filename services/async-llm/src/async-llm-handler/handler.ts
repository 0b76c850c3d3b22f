import { randomUUID } from 'node:crypto';
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoDb, eventBridge, placeOf } from '@statebag/aws-requests';
import { lifecycleEvents, runsOver } from '@statebag/runs';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { lateStreams, openDeps, stepHandler } from '@statebag/step-kit';
import { boundedProviders, openProviders, readSsmParameter } from '@statebag/workflow';
import { taskTokens } from '../task-tokens.ts';
import { asyncLlm } from './async-llm.ts';
import { readWorkerConfig } from './read-worker-config.ts';

const deps = openDeps('async-llm', process.env);
const place = placeOf(process.env);
const config = readWorkerConfig(process.env);
const runs = runsOver({ items: dynamoDb(place, S3_CLIENT_SETTINGS), table: config.runsTable });
const step = asyncLlm({
  log: deps.log,
  streams: lateStreams,
  rhythm: config,
  money: config,
  clock: Date.now,
  newHolder: randomUUID,
  providers: boundedProviders(openProviders(config, readSsmParameter), config, runs.calls),
  tokens: taskTokens(new SFNClient({})),
  runs,
  events: lifecycleEvents(eventBridge(place, S3_CLIENT_SETTINGS), config.eventBus),
});

export const handler = stepHandler(step, deps);
