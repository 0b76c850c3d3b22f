/**
 * What AWS Step Functions allows. Bytes are UTF-8. Source, unless a line names another: the page "Quotas" of
 * the
 * Step Functions developer guide, read 2026-11.
 */
export const LIMITS = {
  /** Input or output of a state, task or execution. */
  payloadBytes: 262_144,
  /** All variables of an execution. */
  variablesBytes: 10 * 1024 * 1024,
  definitionBytes: 1_048_576,
  /** Events of one execution; the last one is its end. */
  historyEvents: 25_000,
  nameLength: 80,
  /** Amazon States Language specification. */
  stateNameLength: 80,
  /** Iterations of an inline Map at once. */
  mapInlineConcurrency: 40,
  /** Children of a map run at once. The engine itself keeps fewer going. */
  mapDistributedConcurrency: 10_000,
  /** So long the name of an ended execution cannot be used again. */
  namesKeptMs: 90 * 86_400_000,
  redriveMs: 14 * 86_400_000,
  /** Amazon States Language specification: TimeoutSeconds, Seconds of a Wait. */
  longestWaitSeconds: 99_999_999,
  expressSeconds: 300,
  /** API reference of SendTaskFailure. */
  errorLength: 256,
  causeLength: 32_768,
} as const;
