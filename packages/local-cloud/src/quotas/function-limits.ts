import { ApiError } from '@statebag/states';
import { bucketsBy, openBucket } from './bucket.ts';
import type { QuotaSet } from './quota-set.ts';

/** How many of one function are at work, and how many have been at the same time. */
interface Environments {
  busy: number;
  made: number;
}

/** An account takes ten times as many requests a second as it may have functions at work. */
const REQUESTS_OF_EACH = 10;

/**
 * Holds functions to the concurrency of the account, to its requests a second, and each function to the rate
 * at which it gets new environments. One too many is refused: whoever calls it tries again. An environment that
 * was made stays.
 */
export function limitFunctions<Call extends { readonly functionName: string }, Result>(
  { concurrency, rates }: QuotaSet,
  now: () => number,
  invoke: (call: Call) => Promise<Result>,
): (call: Call) => Promise<Result> {
  const newOnes = bucketsBy(rates['lambda.new_environments'], now);
  const each = concurrency * REQUESTS_OF_EACH;
  const requests = openBucket({ bucket: each, per_second: each }, now);
  const functions = new Map<string, Environments>();
  let atWork = 0;
  const admit = (name: string): Environments => {
    if (!requests.take(1)) throw tooMany('FunctionInvocationRateLimitExceeded');
    if (atWork >= concurrency) throw tooMany('ConcurrentInvocationLimitExceeded');
    const known = functions.get(name) ?? { busy: 0, made: 0 };
    functions.set(name, known);
    if (known.busy < known.made) return known;
    if (newOnes(name)?.take(1) === false) throw tooMany('ConcurrentInvocationLimitExceeded');
    known.made += 1;
    return known;
  };
  return async (call) => {
    const environments = admit(call.functionName);
    atWork += 1;
    environments.busy += 1;
    try {
      return await invoke(call);
    } finally {
      atWork -= 1;
      environments.busy -= 1;
    }
  };
}

function tooMany(reason: string): ApiError {
  const fields = { Reason: reason, Type: 'User' };
  return new ApiError('TooManyRequestsException', 'Rate Exceeded.', { status: 429, fields });
}
