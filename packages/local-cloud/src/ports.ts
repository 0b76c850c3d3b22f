import type { DatabaseSync } from 'node:sqlite';

/** Time as the local cloud sees it. The virtual clock of the tests jumps to the next timer instead of waiting. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `callback` once at `at` (epoch milliseconds; a time in the past means as soon as possible). Any distance is allowed. Returns the canceller. A `recurring` callback comes as time passes and is no reason for a virtual clock to let it pass: alone it would come again and again for ever. */
  at(at: number, callback: () => void, options?: { readonly recurring?: boolean }): () => void;
  /** Keeps a virtual clock from jumping while real work (a handler, a disk, a socket) is under way; returns the release. Real time ignores it. */
  hold(): () => void;
}

/** The one database of a data directory. Statements are synchronous; durability is acknowledged in groups. */
export interface Journal {
  readonly db: DatabaseSync;
  /** Runs `statements` inside the open group; nothing of it is visible after a crash unless all of it is. */
  write(statements: () => void): void;
  /** Resolves when everything written so far survives a crash. An answer to a client waits for this. */
  flush(): Promise<void>;
  close(): void;
}

export interface Invocation {
  /** Function name, `name:qualifier`, or full or partial ARN. */
  readonly functionName: string;
  readonly qualifier?: string;
  readonly invocationType: 'RequestResponse' | 'Event';
  /** JSON text. */
  readonly payload: string;
}

export interface InvocationResult {
  readonly statusCode: 200 | 202;
  readonly requestId: string;
  readonly executedVersion: string;
  /** JSON text; with `functionError` the error document `{ errorType, errorMessage, trace }`. */
  readonly payload: string;
  readonly functionError?: 'Handled' | 'Unhandled';
}

/** What the engine asks of Lambda. Rejects with an `ApiError` (`ResourceNotFoundException`, `TooManyRequestsException`, …) where Lambda's API would. */
export interface Functions {
  invoke(invocation: Invocation): Promise<InvocationResult>;
}

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
  readonly lastModified: number;
}

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly lastModified: number;
}

/** What ItemReader and ResultWriter ask of S3. Rejects with an `ApiError` named as S3 names it (`NoSuchKey`, `NoSuchBucket`, …). */
export interface Objects {
  get(bucket: string, key: string): Promise<StoredObject>;
  put(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<void>;
  list(bucket: string, prefix: string): AsyncIterable<ListedObject>;
}

export interface BusEntry {
  readonly Source: string;
  readonly DetailType: string;
  /** JSON text. */
  readonly Detail: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  readonly Time?: number;
}

/**
 * What the engine asks of EventBridge: the task integration and the service's own status events go through it. Durable once resolved.
 * `put` records the entries with `journal.write` before its first await: a caller that calls it inside its own `journal.write` makes both one step.
 */
export interface EventBus {
  put(entries: readonly BusEntry[]): Promise<{ readonly EventId: string }[]>;
}

/** DynamoDB's own JSON protocol, action by action (`PutItem`, `GetItem`, `UpdateItem`, `DeleteItem`, …). */
export interface Items {
  call(action: string, input: unknown): Promise<unknown>;
}

/** An error of an AWS API: `code` is what the wire calls it (`ExecutionDoesNotExist`), `status` the HTTP status. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, { status = 400, fields = {} }: { status?: number; fields?: Readonly<Record<string, unknown>> } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** One JSON-protocol service behind the gateway: its actions by name. The gateway parses, authenticates and renders; an action only answers. */
export type JsonActions = Readonly<Record<string, (input: Record<string, unknown>) => Promise<object>>>;
