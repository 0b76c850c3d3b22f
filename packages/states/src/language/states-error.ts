/**
 * A failure inside an execution. `code` and `reason` become Error and Cause; a catcher's output leaves out
 * what is undefined and shows what is null.
 * A fatal one ends the execution whatever its Retry and Catch say; so do errors of the service's own run
 * time.
 */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  readonly code: string | null | undefined;
  readonly reason: string | null | undefined;
  readonly fatal: boolean;
  /** Raised by the work of a task, so that `States.TaskFailed` stands for it. */
  readonly ofTask: boolean;
  /** Raised by a field of the state: the engine adds which state it was. */
  readonly ofState: boolean;
  /** The frame whose state was already done: its own Retry and Catch do not take the error any more. */
  readonly leaving: object | undefined;
  /** Another name that Retry and Catch may know it by. */
  readonly alias: string | undefined;

  constructor(
    code: string | null | undefined,
    reason: string | null | undefined,
    { fatal = false, ofTask = false, ofState = false, leaving, alias }: StatesErrorTraits = {},
  ) {
    super(`${code ?? 'failure'}: ${reason ?? ''}`);
    this.code = code;
    this.reason = reason;
    this.fatal = fatal;
    this.ofTask = ofTask;
    this.ofState = ofState;
    this.leaving = leaving;
    this.alias = alias;
  }
}

interface StatesErrorTraits {
  readonly fatal?: boolean;
  readonly ofTask?: boolean;
  readonly ofState?: boolean;
  readonly leaving?: object;
  readonly alias?: string;
}

/**
 * An expression that cannot be evaluated for this input: `States.Runtime`, which nothing catches. The engine
 * adds which state it was.
 */
export class StateRuntimeError extends Error {
  override readonly name = 'StateRuntimeError';
}

/** An intrinsic function that does not accept its arguments: `States.IntrinsicFailure`. */
export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError';
}

/**
 * A JSONata expression that fails, or gives what its field does not take: `States.QueryEvaluationError`.
 * `location`
 * is the place of the field in its state. The engine adds which state it was.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly location: string;

  constructor(message: string, location: string) {
    super(message);
    this.location = location;
  }
}
