import { isStatebagError, StatebagError } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';

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
  readonly isShortOf: (millis: number, item: number) => boolean;
}

interface Finished<Result> {
  /** Of the first so many items. */
  readonly results: readonly Result[];
  /** In the order of the items. */
  readonly failures: readonly ItemFailure[];
  /** More failed than may, or something failed that may pass. */
  readonly stopped: boolean;
}

export interface ItemFailure {
  readonly index: number;
  readonly cause: unknown;
}

/**
 * Starts items in order, `width` at once, until all are started, more failed than may, or time runs out.
 * Every started item is waited for,
 * so what is finished is always the first so many, and nothing goes on behind the caller's back. At least one
 * item runs.
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
    while (next < to && !stopped && (next === from || !isShortOf(slowest, next))) {
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
  const failures = [...errors].map(([index, cause]) => ({ index, cause }));
  return { results, failures: failures.sort((left, right) => left.index - right.index), stopped };
}

const MOST_NAMED = 5;
/** Five of them fit a cause, and a line of `show`. */
const MOST_CHARACTERS = 300;

/** The first items that failed, with their reasons, and how many more did. */
export function failuresText(failures: readonly ItemFailure[]): string {
  const named = failures.slice(0, MOST_NAMED).map(({ index, cause }) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return `item ${index}: ${reason.length > MOST_CHARACTERS ? `${reason.slice(0, MOST_CHARACTERS)}…` : reason}`;
  });
  const more = failures.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

/**
 * What ends a list. What may pass is tried again, whatever else failed; otherwise all that failed are named,
 * and the first one's error is the list's.
 */
export function errorOfItems(failures: readonly ItemFailure[]): unknown {
  const passing = failures.find(({ cause }) => mayPass(cause));
  if (passing) return passing.cause;
  const first = failures[0]?.cause;
  const code = isStatebagError(first) ? first.name : 'Node.Failed';
  const details = isStatebagError(first) ? first.details : {};
  return new StatebagError(code, failuresText(failures), { cause: first, details });
}

/** True for an error that a later try may mend. */
export function mayPass(error: unknown): boolean {
  return isStatebagError(error) && ERRORS[error.name].retryable;
}
