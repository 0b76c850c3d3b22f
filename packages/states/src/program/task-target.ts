import type { Json } from '../language/json.ts';
import type { Payload } from '../language/payload.ts';
import type { Reader } from '../language/reader.ts';
import type { Clock } from '../ports/clock.ts';
import type { Expressions } from '../ports/expressions.ts';
import type { Journal } from '../ports/journal.ts';
import type { Apis, EventBus, Functions, Items, Objects, Rights } from '../ports/services.ts';
import type { ExecutionRecord, ParentTask } from './execution.ts';

/**
 * How a task ends: with the answer to its call, with the end of what it started, or with an answer to its
 * token.
 */
export type Pattern = 'request' | 'sync' | 'callback';

/**
 * What a call came to: an answer from outside; an execution of this engine, started in the same step of the
 * journal;
 * or nothing yet, because somebody takes it later.
 */
export type CallResult =
  | Promise<Json>
  | { readonly started: ExecutionRecord; readonly answer: Json }
  | 'later';

export interface TaskCall {
  readonly host: CallHost;
  readonly parameters: Json;
  readonly task: ParentTask;
  readonly pattern: Pattern;
  readonly token: string | undefined;
}

/** What a task can call. */
export interface Integration {
  /**
   * How errors of its API begin (`Lambda.`), how its service is called in their causes, and what its client
   * raises for a code it does not know.
   */
  readonly errors: {
    readonly prefix: string;
    readonly service: string;
    readonly base: string;
    /** How the causes are written: those of `aws-sdk:` integrations name less. */
    readonly style?: 'sdk';
  };
  /** It is a call of another API, which may not be there. */
  readonly api?: { readonly service: string; readonly action: string };
  readonly patterns: readonly Pattern[];
  /** What a definition has to say beyond the language. */
  lint?(task: Reader): void;
  /** What has to be the case when the state is entered. */
  check?(host: CallHost): void;
  /** What the parameters have to be, before anything is called. */
  checkParameters?(parameters: Json): void;
  call(call: TaskCall): CallResult;
  /** With `sync`: the result of the task from the execution that it started; throws where that has failed. */
  conclude?(execution: ExecutionRecord, resource: string): Json;
}

/** A resource of a Task state, resolved. */
export interface TaskTarget {
  readonly integration: Integration;
  readonly pattern: Pattern;
  /**
   * As the history shows it: `lambda` and `invoke.waitForTaskToken`. A function's ARN has events of its own
   * kind.
   */
  readonly resourceType: string;
  readonly resource: string;
  readonly events: 'Task' | 'LambdaFunction' | 'Activity';
}

/** What a call asks of the engine that its task runs in. */
export interface CallHost extends Services {
  readonly expressions: Expressions;
  readonly clock: Clock;
  /** Starts another execution, for a task. Throws an `ApiError` as StartExecution would. */
  startExecution(input: StartRequest): ExecutionRecord;
  /** What is known of an execution, also of one that has ended. */
  findExecution(id: number): ExecutionRecord | undefined;
  readonly activities: ActivityHost;
}

export interface StartRequest {
  /** A machine, version or alias. */
  readonly machineArn: string;
  readonly name: string | undefined;
  readonly input: Payload;
  readonly parent: ParentTask | undefined;
  /** A caller waits for its end. */
  readonly sync?: boolean;
}

/**
 * Lets an execution begin, or throws the `ApiError` that StartExecution answers with. `open`: standard
 * executions that are running.
 */
export type StartGate = (start: {
  readonly express: boolean;
  /** A caller waits for its end. */
  readonly sync: boolean;
  readonly open: number;
}) => void;

/** Activities, as a task sees them. */
export interface ActivityHost {
  exists(arn: string): boolean;
  /** Has a worker take the task that the token leads to. */
  offer(arn: string, token: string): void;
}

/** The services that integrations call. */
export interface Services {
  readonly functions: Functions;
  readonly objects: Objects;
  readonly bus: EventBus;
  readonly items: Items;
  readonly apis: Apis;
  readonly rights: Rights;
  readonly account: string;
  readonly region: string;
  /** A number of [0, 1), for jitter. */
  readonly random: () => number;
}

/** Everything that the engine needs from outside. */
export interface EngineDeps extends Omit<Services, 'rights'> {
  /** Without it every role may do everything. */
  readonly rights?: Rights;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Asked before each execution begins that somebody starts. Without it any may. */
  readonly starting?: StartGate | undefined;
  /** Where the service tells how executions stand; without it, on the bus that tasks put events on. */
  readonly statusBus?: EventBus;
  /** The names of kept texts that others have written down. Without it there are none. */
  readonly namedTexts?: (() => readonly string[]) | undefined;
  /** Milliseconds until another state may be entered. Without it every state is entered at once. */
  readonly pace?: (() => number) | undefined;
}
