/** Exit codes that a calling script may rely on. */
export const EXIT = { succeeded: 0, runFailed: 1, usage: 2 } as const;

/**
 * A mistake that the caller can correct. The message is printed without a stack trace; it says what is wrong
 * and, after `mend:`, how to correct it. Nothing was started or written when it is thrown.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
