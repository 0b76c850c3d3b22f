/** Quotas of AWS Step Functions (service quotas page, read 2026). Bytes are UTF-8. */
export const LIMITS = {
  payloadBytes: 262_144,
  definitionBytes: 1_048_576,
  historyEvents: 25_000,
  nameLength: 80,
  stateNameLength: 80,
  mapInlineConcurrency: 40,
  namesKeptMs: 90 * 86_400_000,
  redriveMs: 14 * 86_400_000,
  longestWaitSeconds: 99_999_999,
  expressSeconds: 300,
  errorLength: 256,
  causeLength: 32_768,
} as const;
