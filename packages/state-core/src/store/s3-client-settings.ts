/**
 * How every function talks to S3: a connection that stays silent is given up and tried again, well within any
 * function's deadline.
 */
export const S3_CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
} as const;
