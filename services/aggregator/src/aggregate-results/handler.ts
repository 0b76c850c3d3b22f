import { lateStreams, openDeps, stepHandler } from '@statebag/step-kit';
import { aggregateResults } from '@statebag/steps';

const step = aggregateResults(lateStreams);

export const handler = stepHandler(step, openDeps('aggregator', process.env));
