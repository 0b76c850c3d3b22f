import type { Payload } from '../language/payload.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Which task of which execution waits for this one. */
export interface ParentTask {
  readonly execution: number;
  readonly frame: number;
}

/** What the journal knows of an execution as a whole. Times are epoch milliseconds. */
export interface ExecutionRecord {
  readonly id: number;
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
  readonly revision: number;
  readonly roleArn: string;
  readonly express: boolean;
  readonly input: Payload;
  readonly startedAt: number;
  /** Empty: the machine's own program. Else the name of the Map state whose processor it runs. */
  readonly program: string;
  readonly parent: ParentTask | undefined;
  /** The map run it is a child of, and its place there. */
  readonly mapRun: number | undefined;
  readonly place: number | undefined;
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: Payload | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount: number;
  redrivenAt: number | undefined;
}

/** What a frame is at. The journal keeps it, so that a restart goes on from here. */
export type Phase =
  /** At the door of its state. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'retrying'; readonly until: number }
  | TaskPhase
  /**
   * Its children run: the branches of a Parallel, iterations of a Map. `started` slots of `total` have begun.
   */
  | ChildrenPhase
  /** A distributed map run works for it. */
  | { readonly kind: 'mapRun'; readonly mapRun: number };

/** A task that has been scheduled. */
export interface TaskPhase {
  readonly kind: 'task';
  /** The number of the event that scheduled it: tells the attempts of a task apart. */
  readonly scheduledId: number;
  /** The arguments of the call, as the history has them. */
  readonly parameters: Payload;
  /** The role that the call is made as, where that is not the machine's. */
  readonly role?: string;
  readonly token: string | undefined;
  /** The call has been answered and the task now waits: for its token, or for the execution it started. */
  readonly submitted: boolean;
  /** Epoch milliseconds. */
  readonly deadline: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly heartbeatDue: number | undefined;
  /** The execution that a `.sync` task has started. */
  readonly child: number | undefined;
}

export interface ChildrenPhase {
  readonly kind: 'children';
  readonly argument: Payload;
  readonly started: number;
  readonly total: number;
  readonly atOnce: number;
}

export const READY: Phase = { kind: 'ready' };

/** The names that the service gives to events. */
export type EventType =
  | 'ExecutionStarted'
  | 'ExecutionSucceeded'
  | 'ExecutionFailed'
  | 'ExecutionAborted'
  | 'ExecutionTimedOut'
  | 'ExecutionRedriven'
  | 'EvaluationFailed'
  | `${StateType}StateEntered`
  | `${Exclude<StateType, 'Fail'>}StateExited`
  | 'TaskScheduled'
  | 'TaskStarted'
  | 'TaskStartFailed'
  | 'TaskSubmitted'
  | 'TaskSubmitFailed'
  | 'TaskSucceeded'
  | 'TaskFailed'
  | 'TaskTimedOut'
  | 'TaskStateAborted'
  | 'LambdaFunctionScheduled'
  | 'LambdaFunctionStarted'
  | 'LambdaFunctionSucceeded'
  | 'LambdaFunctionFailed'
  | 'LambdaFunctionTimedOut'
  | 'ActivityScheduled'
  | 'ActivityStarted'
  | 'ActivitySucceeded'
  | 'ActivityFailed'
  | 'ActivityTimedOut'
  | 'WaitStateAborted'
  | 'ParallelStateStarted'
  | 'ParallelStateSucceeded'
  | 'ParallelStateFailed'
  | 'ParallelStateAborted'
  | 'MapStateStarted'
  | 'MapStateSucceeded'
  | 'MapStateFailed'
  | 'MapStateAborted'
  | 'MapIterationStarted'
  | 'MapIterationSucceeded'
  | 'MapIterationFailed'
  | 'MapIterationAborted'
  | 'MapRunStarted'
  | 'MapRunSucceeded'
  | 'MapRunFailed'
  | 'MapRunAborted'
  | 'MapRunRedriven';

/** Small facts of an event; the one large value travels apart, as its payload. */
export type EventFacts = Readonly<Record<string, string | number | null | undefined>>;

/** An event as the journal keeps it. */
export interface HistoryEvent {
  readonly id: number;
  readonly previous: number;
  readonly at: number;
  readonly type: EventType;
  readonly facts: EventFacts | undefined;
  readonly payload: Payload | undefined;
}

/** The events for entering and leaving a state of each type. A Fail state is never left. */
export const STATE_EVENTS = {
  Task: { entered: 'TaskStateEntered', exited: 'TaskStateExited' },
  Pass: { entered: 'PassStateEntered', exited: 'PassStateExited' },
  Choice: { entered: 'ChoiceStateEntered', exited: 'ChoiceStateExited' },
  Wait: { entered: 'WaitStateEntered', exited: 'WaitStateExited' },
  Succeed: { entered: 'SucceedStateEntered', exited: 'SucceedStateExited' },
  Fail: { entered: 'FailStateEntered', exited: 'ExecutionFailed' },
  Parallel: { entered: 'ParallelStateEntered', exited: 'ParallelStateExited' },
  Map: { entered: 'MapStateEntered', exited: 'MapStateExited' },
} as const satisfies Record<StateType, { readonly entered: EventType; readonly exited: EventType }>;

/** The types of state. */
export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];
