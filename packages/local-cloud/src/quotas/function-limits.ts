import { ApiError } from '@statebag/states';
import { bucketsBy, openBucket } from './bucket.ts';
import type { QuotaSet } from './quota-set.ts';

/** How many of one function are at work, and how many have been at the same time. */
interface Environments {
  busy: number;
  made: number;
}

/** Places that functions have to themselves. */
export interface Reservations {
  /** Undefined: a function shares those of the account with all others. */
  of(functionName: string): number | undefined;
  /** All of them together. */
  total(): number;
}

const NO_RESERVATIONS: Reservations = { of: () => undefined, total: () => 0 };

interface Holding {
  readonly now: () => number;
  readonly reservations: Reservations | undefined;
}

/** An account takes ten times as many requests a second as it may have functions at work. */
const REQUESTS_OF_EACH = 10;

/**
 * Holds functions to the concurrency of the account or to their own, to its requests a second, and each
 * function to the rate at which it gets new environments. One too many is refused: whoever calls it tries
 * again. An environment that was made stays.
 */
export function limitFunctions<Call extends { readonly functionName: string }, Result>(
  { concurrency, rates }: Pick<QuotaSet, 'concurrency' | 'rates'>,
  { now, reservations = NO_RESERVATIONS }: Holding,
  invoke: (call: Call) => Promise<Result>,
): (call: Call) => Promise<Result> {
  const newOnes = bucketsBy(rates['lambda.new_environments'], now);
  const each = concurrency * REQUESTS_OF_EACH;
  const requests = openBucket({ bucket: each, per_second: each }, now);
  const functions = new Map<string, Environments>();
  let sharing = 0;
  const admit = (name: string, own: number | undefined): Environments => {
    if (!requests.take(1)) throw tooMany('FunctionInvocationRateLimitExceeded');
    const known = functions.get(name) ?? { busy: 0, made: 0 };
    functions.set(name, known);
    if (own !== undefined && known.busy >= own)
      throw tooMany('ReservedFunctionConcurrentInvocationLimitExceeded');
    if (own === undefined && sharing >= concurrency - reservations.total())
      throw tooMany('ConcurrentInvocationLimitExceeded');
    if (known.busy < known.made) return known;
    if (newOnes(name)?.take(1) === false) throw tooMany('ConcurrentInvocationLimitExceeded');
    known.made += 1;
    return known;
  };
  return async (call) => {
    const own = reservations.of(call.functionName);
    const environments = admit(call.functionName, own);
    const shared = own === undefined ? 1 : 0;
    sharing += shared;
    environments.busy += 1;
    try {
      return await invoke(call);
    } finally {
      sharing -= shared;
      environments.busy -= 1;
    }
  };
}

function tooMany(reason: string): ApiError {
  const fields = { Reason: reason, Type: 'User' };
  return new ApiError('TooManyRequestsException', 'Rate Exceeded.', { status: 429, fields });
}
