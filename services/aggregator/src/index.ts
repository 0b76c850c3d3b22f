export { aggregateDistributedResults } from './aggregate-distributed-results/step.ts';
