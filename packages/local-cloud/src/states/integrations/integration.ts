import type { Reader } from '../definition/reader.ts';
import type { Json } from '../language/json.ts';
import type { ExecutionRecord, ParentTask } from '../run/execution-record.ts';
import type { Host } from '../run/host.ts';

/** How a task ends: with the answer to its call, with the end of what it started, or with an answer to its token. */
export type Pattern = 'request' | 'sync' | 'callback';

/**
 * What a call came to: an answer from outside; an execution of this engine, started in the same step of the journal;
 * or nothing yet, because somebody takes it later.
 */
export type CallResult = Promise<Json> | { readonly started: ExecutionRecord; readonly answer: Json } | 'later';

export interface TaskCall {
  readonly host: Host;
  readonly parameters: Json;
  readonly task: ParentTask;
  readonly pattern: Pattern;
  readonly token: string | undefined;
}

/** What a task can call. */
export interface Integration {
  /** How errors of its API begin (`Lambda.`), how its service is called in their causes, and what its client raises for a code it does not know. */
  readonly errors: { readonly prefix: string; readonly service: string; readonly base: string };
  readonly patterns: readonly Pattern[];
  /** What a definition has to say beyond the language. */
  lint?(task: Reader): void;
  /** What has to be the case when the state is entered. */
  check?(host: Host): void;
  call(call: TaskCall): CallResult;
  /** With `sync`: the result of the task from the execution that it started; throws where that has failed. */
  conclude?(execution: ExecutionRecord, resource: string): Json;
}

/** A resource of a Task state, resolved. */
export interface TaskTarget {
  readonly integration: Integration;
  readonly pattern: Pattern;
  /** As the history shows it: `lambda` and `invoke.waitForTaskToken`. A function's ARN has events of its own kind. */
  readonly resourceType: string;
  readonly resource: string;
  readonly events: 'Task' | 'LambdaFunction' | 'Activity';
}
