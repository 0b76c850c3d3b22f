/** What a published version of a function freezes. */
export interface VersionConfig {
  /** Name of the handler the bundle exports. */
  readonly exportName: string;
  /** SHA-256 of the bundle, hex: the code itself is stored under it. */
  readonly codeSha256: string;
  readonly codeSize: number;
  /** MB. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What holds for all versions of a function. */
export interface FunctionSettings {
  /** What the function's role may do beyond objects it can name. */
  readonly mayListBuckets: boolean;
  /** How many events the function works on at once. */
  readonly maxConcurrency: number;
  /** Retries of an event invocation that failed. */
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** ARN of the function or bus that learns of an event invocation that failed for good. */
  readonly onFailure?: string;
  readonly onSuccess?: string;
}

export interface FunctionVersion extends VersionConfig {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly modifiedAt: number;
}

export interface Alias {
  readonly functionName: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Share of invocations, 0 to 1, that go to another version. */
  readonly weights: Readonly<Record<string, number>>;
}

/** What Lambda does when nobody says otherwise. */
export const DEFAULT_SETTINGS: FunctionSettings = { mayListBuckets: false, maxConcurrency: 4, maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** Lambda's payload limits, bytes (AWS documentation "Lambda quotas", read 2026-07). */
export const PAYLOAD_LIMITS = { request: 6_291_456, response: 6_291_556, event: 1_048_576 } as const;
