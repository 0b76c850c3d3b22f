export { aggregateDistributedResults } from './aggregate-distributed-results/step.ts';
export { aggregateResults } from './aggregate-results/step.ts';
