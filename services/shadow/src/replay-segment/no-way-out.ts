import { StatebagError } from '@statebag/contracts';
import type { executeSegment } from '@statebag/segment-runner';

/** What the nodes of a replay reach: nothing. What they ask is in the ledger, or is a miss before anything is asked. */
export const NO_WAY_OUT: Parameters<typeof executeSegment>[0] = {
  providers: () => {
    throw miss('a model');
  },
  http: () => {
    throw miss('an address');
  },
  invoke: () => {
    throw miss('a function');
  },
  mayCall: async () => {
    throw miss('something');
  },
};

function miss(what: string): StatebagError {
  return new StatebagError('Ledger.ShadowMiss', `the replay asks ${what} that the run did not ask; nothing was called`);
}
