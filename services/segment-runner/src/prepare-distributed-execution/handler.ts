import { S3Client } from '@aws-sdk/client-s3';
import { eventBridge, placeOf } from '@statebag/aws-requests';
import { lifecycleEvents } from '@statebag/runs';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { matching, openDeps, stepHandler } from '@statebag/step-kit';
import { prepareDistributedExecution } from '@statebag/steps';
import { causesShowValues } from '../causes-show-values.ts';

const bus = matching(process.env, 'EVENT_BUS', /^[A-Za-z0-9/_.:-]{1,256}$/);
const s3 = new S3Client(S3_CLIENT_SETTINGS);
const step = prepareDistributedExecution({
  streams: (counts: StoreCounts) => s3ObjectStreams(s3, counts),
  events: lifecycleEvents(eventBridge(placeOf(process.env), S3_CLIENT_SETTINGS), bus),
  showsValues: causesShowValues(process.env),
});

export const handler = stepHandler(step, openDeps('segment-runner', process.env));
