import { StateRuntimeError } from '../states-error.ts';
import type { Integration } from './integration.ts';

/** An activity's ARN as the resource: a worker polls for the task and answers its token. */
export function activity(arn: string): Integration {
  return {
    errors: { prefix: 'Activity', service: 'AWSStepFunctions', base: 'AWSStepFunctionsException' },
    patterns: ['callback'],
    check(host) {
      if (!host.activities.exists(arn)) throw new StateRuntimeError(`The activity ${arn} does not exist.`);
    },
    call({ host, token }) {
      host.activities.offer(arn, token ?? '');
      return 'later';
    },
  };
}
