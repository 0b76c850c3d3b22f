/** What a sandbox is started with. */
export interface SandboxStart {
  /** Path of the CommonJS bundle, or of the file of a package that its handler names. */
  readonly codePath: string;
  /** Path of the folder of a package; none for a bundle. */
  readonly packageFolder?: string;
  /** Where a package finds clients of AWS that it does not bring: Lambda has them at hand. */
  readonly clientsFrom: string;
  /** Where what V8 made of the bundle is, or goes after the first event; undefined where it is not kept. */
  readonly compiledPath: string | undefined;
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

/** What a sandbox says, and its end, whatever the reason. */
export type Notice = SandboxMessage | { readonly kind: 'ended'; readonly error: FunctionError };

/** What runs the code: a thread or a process. */
export interface Inhabitant {
  post(event: SandboxEvent): void;
  end(): Promise<void>;
}
