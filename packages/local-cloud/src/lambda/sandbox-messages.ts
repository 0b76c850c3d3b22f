/** What a sandbox is started with. */
export interface SandboxStart {
  /** Path of the CommonJS bundle. */
  readonly codePath: string;
  /** Name of the exported handler. */
  readonly exportName: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
}

/** One event for a sandbox; it gets the next one only when it has answered. */
export interface SandboxEvent {
  readonly requestId: string;
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
  readonly invokedFunctionArn: string;
}

/** The error document of Lambda. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type SandboxMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: FunctionError }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'error'; readonly error: FunctionError };
