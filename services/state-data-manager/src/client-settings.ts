/** How these functions talk to AWS: a connection that stays silent is given up and tried again, well within any function's deadline. */
export const CLIENT_SETTINGS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
