export { followExecution, readHistory } from './execution-history.ts';
export {
  factsOf,
  isBagWritten,
  NO_FACTS,
  type RunFacts,
  retriesOf,
  type SegmentFact,
  together,
  withChildren,
  withEvent,
} from './run-facts.ts';
export { sealedEnvelopes } from './sealed-envelopes.ts';
