import { StatebagError } from '@statebag/contracts';

/** What the evaluations of one invocation take together, those in a process apart too. */
export interface EvaluationBudget {
  /**
   * Does one evaluation. @throws `Expression.LimitExceeded` where the others have taken all there is, and
   * what ends a run that must not go on
   */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  /** True where the rest is better left to the next invocation, which has a budget of its own. */
  isShort(): boolean;
}

const LIMITS = {
  /** After so much, work that can stop between two nodes, items or iterations does. */
  enoughMillis: 60_000,
  /** More than this only a node takes that cannot stop. */
  mostMillis: 300_000,
  /** How often it is asked whether the run was cancelled. */
  lookEveryMillis: 1_000,
} as const;

interface Surroundings {
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
  /** Throws where nobody wants the run to go on. */
  readonly mayGoOn?: () => Promise<void>;
}

/**
 * Counts the time in which at least one evaluation is under way: items side by side wait for each other, and
 * their waiting counts once.
 */
export function evaluationBudget({
  clock = () => performance.now(),
  mayGoOn = async () => undefined,
}: Surroundings = {}): EvaluationBudget {
  let spent = 0;
  let looked = 0;
  let underway = 0;
  let since = 0;
  const now = () => spent + (underway > 0 ? clock() - since : 0);
  async function refuseMore(): Promise<void> {
    const taken = now();
    if (taken > LIMITS.mostMillis)
      throw new StatebagError(
        'Expression.LimitExceeded',
        `the expressions of this invocation took more than ${LIMITS.mostMillis / 1_000} s together`,
      );
    if (taken - looked < LIMITS.lookEveryMillis) return;
    looked = taken;
    await mayGoOn();
  }
  return {
    async during(work) {
      await refuseMore();
      if (underway === 0) since = clock();
      underway += 1;
      try {
        return await work();
      } finally {
        underway -= 1;
        if (underway === 0) spent += clock() - since;
      }
    },
    isShort: () => now() > LIMITS.enoughMillis,
  };
}
