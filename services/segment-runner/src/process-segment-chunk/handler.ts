import { S3Client } from '@aws-sdk/client-s3';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { openDeps, stepHandler } from '@statebag/step-kit';
import { processSegmentChunk } from '@statebag/steps';
import { openOutside } from '../open-outside.ts';

const s3 = new S3Client(S3_CLIENT_SETTINGS);
const step = processSegmentChunk({
  ...openOutside(process.env),
  streams: (counts: StoreCounts) => s3ObjectStreams(s3, counts),
});

export const handler = stepHandler(step, openDeps('segment-runner', process.env, s3));
