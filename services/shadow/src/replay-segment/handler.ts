import { openDeps } from '@statebag/step-kit';
import { segmentHandler } from '@statebag/steps';
import { NO_WAY_OUT } from './no-way-out.ts';

export const handler = segmentHandler(NO_WAY_OUT, openDeps('shadow', process.env));
