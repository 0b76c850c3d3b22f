import { eventBridge, placeOf } from '@statebag/aws-requests';
import { lifecycleEvents } from '@statebag/runs';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { lateStreams, matching, openDeps, stepHandler } from '@statebag/step-kit';
import { prepareDistributedExecution } from '@statebag/steps';
import { causesShowValues } from '../causes-show-values.ts';

const bus = matching(process.env, 'EVENT_BUS', /^[A-Za-z0-9/_.:-]{1,256}$/);
const step = prepareDistributedExecution({
  streams: lateStreams,
  events: lifecycleEvents(eventBridge(placeOf(process.env), S3_CLIENT_SETTINGS), bus),
  showsValues: causesShowValues(process.env),
});

export const handler = stepHandler(step, openDeps('segment-runner', process.env));
