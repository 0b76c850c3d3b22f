import { ERRORS, isStatebagError } from '@statebag/contracts';

/** Which items are to be worked on, and how many at once. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** So many items may fail; null stands for the result of each. */
  readonly tolerated: number;
}

/** The time that work is measured by. */
export interface WorkClock {
  readonly clock: () => number;
  /** True when work that takes this long should be left to the next invocation. */
  readonly isShortOf: (millis: number) => boolean;
}

interface Finished<Result> {
  /** Of the first so many items. */
  readonly results: readonly Result[];
  readonly error: { readonly cause: unknown } | null;
}

/**
 * Starts items in order, `width` at once, until all are started, more failed than may, or time runs out. Every started item is waited for,
 * so what is finished is always the first so many, and nothing goes on behind the caller's back. At least one item runs.
 */
export async function runInOrder<Result>(
  { from, to, width, tolerated }: Span,
  work: (index: number) => Promise<Result>,
  { clock, isShortOf }: WorkClock,
): Promise<Finished<Result | null>> {
  const results: (Result | null)[] = [];
  const errors = new Map<number, unknown>();
  let next = from;
  let slowest = 0;
  let stopped = false;
  async function worker(): Promise<void> {
    while (next < to && !stopped && (next === from || !isShortOf(slowest))) {
      const index = next++;
      const started = clock();
      try {
        results[index - from] = await work(index);
      } catch (cause) {
        errors.set(index, cause); // thrown by the caller once the others have come to rest
        results[index - from] = null;
        stopped ||= errors.size > tolerated || mayPass(cause);
      }
      slowest = Math.max(slowest, clock() - started);
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, to - from) }, worker));
  return { results, error: stopped ? { cause: deciding(errors) } : null };
}

/** What may pass is tried again, whatever else failed; otherwise the first item's error counts. */
function deciding(errors: ReadonlyMap<number, unknown>): unknown {
  const inOrder = [...errors].sort(([left], [right]) => left - right).map(([, cause]) => cause);
  return inOrder.find(mayPass) ?? inOrder[0];
}

/** True for an error that a later try may mend. */
export function mayPass(error: unknown): boolean {
  return isStatebagError(error) && ERRORS[error.name].retryable;
}
