import type { Payload } from '../language/payload.ts';

/** What a frame is at. The journal keeps it, so that a restart goes on from here. */
export type Phase =
  /** At the door of its state. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'retrying'; readonly until: number }
  | TaskPhase
  /** Its children run: the branches of a Parallel, iterations of a Map. `started` slots of `total` have begun. */
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
