export { followExecution, readHistory } from './execution-history.ts';
export { BEGINNING } from './loop-states.ts';
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
export { envelopesIn, sealedEnvelopes } from './sealed-envelopes.ts';
