import { lateStreams, openDeps } from '@statebag/step-kit';
import { bothGenerations } from '@statebag/steps';
import { openOutside } from '../open-outside.ts';

const outside = { ...openOutside(process.env), streams: lateStreams };

export const handler = bothGenerations(outside, openDeps('segment-runner', process.env));
