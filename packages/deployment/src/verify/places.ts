import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { atOnceOf } from '../functions-at-once.ts';
import type { Check } from './check.ts';

/** A quota that was lowered, or functions that others have reserved since the deployment. */
export const placeChecks: readonly Check[] = [
  {
    name: 'a run has no more at work than the account lets work',
    async look({ lambda, functionsAtOnce }) {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
      const unreserved = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
      const most = functionsAtOnce === '' ? THRESHOLDS.functionsAtOnce : Number(functionsAtOnce);
      if (most > unreserved)
        throw new Error(
          `${most} branches or workers of a run may be at work, and the account lets ${unreserved} functions work: deploy again, which makes it ${atOnceOf(unreserved)}, or ask AWS for more`,
        );
      return `${most} of ${unreserved}`;
    },
  },
];
