import { ApiError } from '@statebag/states';
import type { Reservations } from '../quotas/function-limits.ts';
import type { FunctionRegistry } from './function-registry.ts';

/** So many places stay for functions that have none of their own, or all where the account has fewer. */
const LEFT_TO_ALL = 100;

/** Places among the functions that may work at once, as an account shares them out. */
export interface Concurrency {
  readonly reservations: Reservations;
  /** What GetAccountSettings says of them. */
  limits(): { readonly ConcurrentExecutions: number; readonly UnreservedConcurrentExecutions: number };
  /** @throws as Lambda does where a function may not have so many */
  check(functionName: string, places: number): void;
}

export function openConcurrency(registry: FunctionRegistry, limit: number): Concurrency {
  const total = (but?: string): number =>
    [...registry.reserved()].reduce((sum, [name, places]) => sum + (name === but ? 0 : places), 0);
  return {
    reservations: {
      of: (functionName) => registry.reserved().get(functionName),
      total,
    },
    limits: () => ({ ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit - total() }),
    check: (functionName, places) => {
      const least = Math.min(LEFT_TO_ALL, limit);
      if (places > 0 && limit - total(functionName) - places < least) throw tooFewLeft(least);
    },
  };
}

function tooFewLeft(least: number): ApiError {
  return new ApiError(
    'InvalidParameterValueException',
    `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${least}].`,
  );
}
