import type { TaskTarget } from '../integrations/integration.ts';
import type { DataFlow } from '../language/data-flow.ts';
import type { Json } from '../language/json.ts';
import type { Payload } from '../language/payload.ts';
import type { ReferencePath } from '../language/reference-path.ts';
import type { Frame } from '../run/frame.ts';
import type { StatesError } from '../states-error.ts';

/** The types of state. */
export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];

/** A compiled machine, branch or item processor. */
export interface Program {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutSeconds: number | undefined;
}

/** A compiled state: what all types share, and the behaviour of its type. */
export interface State {
  readonly name: string;
  readonly type: StateType;
  readonly next: string | undefined;
  readonly flow: DataFlow;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
  readonly behaviour: Behaviour;
}

export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly fullJitter: boolean;
}

export interface Catcher {
  readonly errors: readonly string[];
  readonly next: string;
  /** Null: the error is dropped. */
  readonly resultPath: ReferencePath | null;
}

/** What a visit to a state came to: it is left with an output, or it waits for something and goes on later. */
export type Outcome = { readonly output: Payload; readonly next: string | undefined } | 'blocked';

/** What a type of state does. */
export interface Behaviour {
  /** What a Task calls. */
  readonly target?: TaskTarget;
  /** Starts the work; called again for every retry. */
  enter(frame: Frame): Outcome;
  /** Takes up the work that the journal says was under way. */
  resume?(frame: Frame): void;
  /** Further states that it can lead to (a Choice). */
  readonly targets?: readonly string[];
  /** The branches, or the one item processor. */
  readonly programs?: readonly Program[];
  /** A child has ended well. */
  childSucceeded?(frame: Frame, child: Frame, output: Payload): Outcome;
  /** A child has failed; may throw what the state fails with. */
  childFailed?(frame: Frame, child: Frame, error: StatesError): Outcome;
  /** No retry is left: the history says so before a catcher or the end. */
  gaveUp?(frame: Frame, error: StatesError): void;
  /** Goes on after a redrive. Without it the work is attempted again. */
  redrive?(frame: Frame): void;
  /** The state is ended from outside: whatever runs for it stops. */
  abandon?(frame: Frame): void;
}

/** The item that an iteration of a Map works on. */
export interface MapItem {
  readonly index: number;
  readonly value: Json;
}
