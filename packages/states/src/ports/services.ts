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
  /** The lines that the invocation printed, where they are known. */
  readonly log?: readonly string[];
}

/**
 * What the engine asks of Lambda. Rejects with an `ApiError` (`ResourceNotFoundException`,
 * `TooManyRequestsException`, …) where Lambda's API would.
 */
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

/**
 * What ItemReader and ResultWriter ask of S3. Rejects with an `ApiError` named as S3 names it (`NoSuchKey`,
 * `NoSuchBucket`, …).
 */
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
  /** Long texts of the detail that the journal has under a name: whoever notes the event need not repeat them. */
  readonly kept?: readonly KeptText[];
}

/** A text that the journal has. Who writes down the name for later tells the engine of it (`namedTexts`). */
export interface KeptText {
  readonly name: string;
  readonly text: string;
}

/**
 * What the engine asks of EventBridge: the task integration and the service's own status events go through
 * it. `put` records the entries with `journal.write` before its first await: a caller that calls it inside
 * its own `journal.write` makes both one step. They are durable with the next flush, before any target gets
 * them.
 */
export interface EventBus {
  put(entries: readonly BusEntry[]): Promise<{ readonly EventId: string }[]>;
}

/** DynamoDB's own JSON protocol, action by action (`PutItem`, `GetItem`, `UpdateItem`, `DeleteItem`, …). */
export interface Items {
  call(action: string, input: unknown): Promise<unknown>;
}

/**
 * Other services, by the names that resources of tasks have for them (`aws-sdk:sqs`, `sendMessage`). Rejects
 * with an
 * `ApiError` where the API refuses.
 */
export interface Apis {
  /** Why a task cannot make a call, for whoever creates the machine; undefined: it can. */
  refusal(service: string, action: string, suffix?: string): string | undefined;
  call(service: string, action: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The model of the answer of a call, where one is known. */
  answer?(service: string, action: string): AnswerModel | undefined;
}

/** What a member of an answer is. */
export type AnswerShape = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'any';

/** The members of an answer, by name. */
export interface AnswerModel {
  readonly required: Readonly<Record<string, AnswerShape>>;
  readonly optional: Readonly<Record<string, AnswerShape>>;
}

/** A call that a role is about to make. */
export interface RoleCall {
  readonly roleArn: string;
  /** Who has taken the role on: the execution. */
  readonly session: string;
  /** As resources of tasks name it: `lambda:invoke`, `aws-sdk:sqs:sendMessage`. */
  readonly api: string;
  readonly input: unknown;
}

/** What roles may do. */
export interface Rights {
  /** @throws ApiError `AccessDeniedException` where the role may not make the call */
  require(call: RoleCall): void;
}

/**
 * An error of an AWS API: `code` is what the wire calls it (`ExecutionDoesNotExist`), `status` the HTTP
 * status.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    { status = 400, fields = {} }: { status?: number; fields?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/**
 * One JSON-protocol service behind the gateway: its actions by name. The gateway parses, authenticates and
 * renders; an action only answers.
 */
export type JsonActions = Readonly<Record<string, (input: Record<string, unknown>) => Promise<object>>>;
