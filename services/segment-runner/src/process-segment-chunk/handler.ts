import { lateStreams, openDeps, stepHandler } from '@statebag/step-kit';
import { processSegmentChunk } from '@statebag/steps';
import { openOutside } from '../open-outside.ts';

const step = processSegmentChunk({ ...openOutside(process.env), streams: lateStreams });

export const handler = stepHandler(step, openDeps('segment-runner', process.env));
