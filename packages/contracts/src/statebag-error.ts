import { ERRORS, type ErrorCode } from './errors.ts';

interface ErrorOptionsWithDetails {
  readonly cause?: unknown;
  /** Ids, counts and sizes only: details are logged. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** The one error class. `name` is the code, so Lambda reports it as errorType and ASL can match it. */
export class StatebagError extends Error {
  override readonly name: ErrorCode;
  readonly details: NonNullable<ErrorOptionsWithDetails['details']>;

  constructor(code: ErrorCode, message: string, { cause, details = {} }: ErrorOptionsWithDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = code;
    this.details = details;
  }
}

/** True for an error of the catalogue, whichever bundle's copy of the class made it. */
export function isStatebagError(error: unknown): error is StatebagError {
  return error instanceof Error && error.name in ERRORS;
}

/**
 * The codes of a machine's tasks that Step Functions must never try again, in catalogue order: the first
 * retrier of every Task lists them.
 */
export const NON_RETRYABLE_CODES: readonly ErrorCode[] = codesThatAre(false);
/** The codes of errors that a later try may not meet. */
export const RETRYABLE_CODES: readonly ErrorCode[] = codesThatAre(true);

function codesThatAre(retryable: boolean): ErrorCode[] {
  // Object.keys forgets the key type
  return (Object.keys(ERRORS) as ErrorCode[]).filter(
    (code) => ERRORS[code].retryable === retryable && !('caller' in ERRORS[code]),
  );
}
