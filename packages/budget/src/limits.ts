/** Limits of AWS that nothing of a run comes near unless its data do. Service quotas, read 2026-11. */
export const OTHER_LIMITS = {
  /** One item of a DynamoDB table. */
  tableItemBytes: 409_600,
  /** One object that S3 takes in one request. */
  objectBytes: 5_368_709_120,
  /** Seconds that an execution of the state machines may take (`TimeoutSeconds` of their definitions). */
  executionSeconds: 2_592_000,
} as const;
