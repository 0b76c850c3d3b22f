/** Lets single actions run beside each other, and a transaction alone. */
export interface Turns {
  beside<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function openTurns(): Turns {
  const under = new Set<Promise<unknown>>();
  /** Ends when the last one that wanted to be alone has ended. */
  let alone: Promise<unknown> = Promise.resolve();
  return {
    beside(work) {
      const run = alone.then(work).finally(() => under.delete(run));
      under.add(run);
      return run;
    },
    alone(work) {
      const before = [alone, ...under];
      const run = Promise.allSettled(before).then(work);
      alone = run.catch(() => undefined); // whoever asked for it gets its error
      return run;
    },
  };
}
