import { S3Client } from '@aws-sdk/client-s3';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import { S3_CLIENT_SETTINGS } from '@statebag/state-core/store/s3-client-settings';
import { s3ObjectStreams } from '@statebag/state-core/store/s3-object-streams';
import { openDeps } from '@statebag/step-kit';
import { bothGenerations } from '@statebag/steps';
import { openOutside } from '../open-outside.ts';

const s3 = new S3Client(S3_CLIENT_SETTINGS);
const outside = {
  ...openOutside(process.env),
  streams: (counts: StoreCounts) => s3ObjectStreams(s3, counts),
};

export const handler = bothGenerations(outside, openDeps('segment-runner', process.env, s3));
