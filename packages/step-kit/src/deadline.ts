/** How long an invocation may still take. */
export interface Deadline {
  remainingMs(): number;
}

/** What step-kit needs of Lambda's context object. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** The function's own deadline, less what storing and replying will take. */
export function deadlineOf(context: InvocationContext, reserveMs = 3_000): Deadline {
  return { remainingMs: () => Math.max(0, context.getRemainingTimeInMillis() - reserveMs) };
}
