import { StatebagError } from '@statebag/contracts';
import type { Outside } from '@statebag/steps';

/**
 * What the nodes of a replay reach: nothing. What they ask is in the ledger, or is a miss before anything is
 * asked.
 */
export const NO_WAY_OUT: Outside = {
  providers: () => {
    throw miss('a model');
  },
  http: () => {
    throw miss('an address');
  },
  invoke: () => {
    throw miss('a function');
  },
  secret: () => {
    throw miss('a secret');
  },
  openFile: () => {
    throw miss('an upload');
  },
  mayCall: async () => {
    throw miss('something');
  },
};

function miss(what: string): StatebagError {
  return new StatebagError(
    'Ledger.ShadowMiss',
    `the replay asks ${what} that the run did not ask; nothing was called`,
  );
}
