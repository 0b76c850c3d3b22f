import { lateStreams, openDeps, stepHandler } from '@statebag/step-kit';
import { aggregateDistributedResults } from '@statebag/steps';

const step = aggregateDistributedResults(lateStreams);

export const handler = stepHandler(step, openDeps('aggregator', process.env));
