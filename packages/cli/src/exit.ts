/** What a calling script may rely on. */
export const EXIT = { succeeded: 0, runFailed: 1, usage: 2 } as const;

/** Something the caller can mend: said in plain lines, without a stack, before anything was started or written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
