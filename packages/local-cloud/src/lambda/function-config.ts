import { ApiError } from '@statebag/states';

/** What a published version of a function freezes. */
export interface VersionConfig {
  /** Name of the handler the bundle exports. */
  readonly exportName: string;
  /** SHA-256 of the bundle or the package, hex: the code itself is stored under it. */
  readonly codeSha256: string;
  /** The file of a package that the handler names; none where the code is a bundle, which is one file. */
  readonly entry?: string;
  /** What runs the code; missing where it is Node.js. */
  readonly runtime?: ForeignRuntime;
  readonly codeSize: number;
  /** MB. */
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The package that the code came in, and what its template says of it. */
  readonly uploaded?: Uploaded;
}

/**
 * A runtime that is a process of its own: an interpreter of this machine with its name, or the package's
 * `bootstrap`.
 */
export type ForeignRuntime =
  | { readonly kind: 'python'; readonly interpreter: string }
  | { readonly kind: 'provided' };

/** Missing for a function of `deployApp`, which has no package. */
export interface Uploaded {
  readonly handler: string;
  /** ARN. */
  readonly role: string;
  readonly runtime: string;
  /** Of the package, base64. */
  readonly sha256: string;
  readonly size: number;
}

/** What holds for all versions of a function. */
export interface FunctionSettings {
  /** ARN of the role that it works under. Without one it works as the account's owner. */
  readonly role?: string;
  /** How many events the function works on at once; more wait. */
  readonly maxConcurrency: number;
  /** Places among the functions of the account that it has to itself; more events are refused. */
  readonly reservedConcurrency?: number;
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

/** What Lambda does when nobody says otherwise, and as much at once as one machine bears. */
export const DEFAULT_SETTINGS: FunctionSettings = {
  maxConcurrency: 16,
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
};

/** Lambda's payload limits, bytes (AWS documentation "Lambda quotas", read 2026-07). */
export const PAYLOAD_LIMITS = { request: 6_291_456, response: 6_291_556, event: 1_048_576 } as const;

/** Which function, and which version or alias of it. */
export interface FunctionAddress {
  readonly functionName: string;
  readonly qualifier: string;
}

const ADDRESS =
  /^(?:arn:aws[\w-]*:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?(?<name>[\w-]{1,140})(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/**
 * Reads a function name, `name:qualifier`, or a full or partial ARN. A qualifier given apart may not
 * contradict one inside the name.
 */
export function parseFunctionName(text: string, qualifier?: string): FunctionAddress {
  const groups = ADDRESS.exec(text)?.groups;
  const name = groups?.['name'];
  if (name === undefined)
    throw new ApiError(
      'ValidationException',
      `Value '${text}' at 'functionName' is not a function name or ARN`,
    );
  const inner = groups?.['qualifier'];
  if (inner !== undefined && qualifier !== undefined && inner !== qualifier) {
    throw new ApiError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  return { functionName: name, qualifier: inner ?? qualifier ?? '$LATEST' };
}
