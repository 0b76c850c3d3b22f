import { StatebagError } from '@statebag/contracts';
import { KB } from '@statebag/contracts/units';

/** What the values that the nodes of one invocation have written take together, while they are needed. */
export interface MemoryBudget {
  /** @throws `Expression.LimitExceeded` where the invocation would hold more than it may */
  take(units: number): void;
  give(units: number): void;
  /** True where the rest is better left to the next invocation, which begins with what it reads. */
  isShort(): boolean;
}

/** In UTF-16 units, as the result of one expression is counted. */
const LIMITS = {
  /** After so much, work that can stop between two nodes, items or iterations does. */
  enough: 32 * KB * KB,
  /** More than this only a node holds that cannot stop: two results of the largest size there is. */
  most: 128 * KB * KB,
} as const;

export function memoryBudget(): MemoryBudget {
  let held = 0;
  return {
    take(units) {
      held += units;
      if (held <= LIMITS.most) return;
      throw new StatebagError(
        'Expression.LimitExceeded',
        `what the nodes of this invocation have written takes more than ${LIMITS.most / KB / KB} million characters`,
      );
    },
    give(units) {
      held -= units;
    },
    isShort: () => held > LIMITS.enough,
  };
}
