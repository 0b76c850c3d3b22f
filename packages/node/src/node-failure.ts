/** What a failure says besides its message. */
export interface FailureFacts {
  /** It may be gone when the call is made again: a `retry` of the node tries it. */
  readonly mayPass?: boolean;
  /** Nothing was done outside, so the call may be made again whatever its effect is. */
  readonly nothingDone?: boolean;
  readonly cause?: unknown;
}

/**
 * A failure on purpose. Any other error that a node throws fails it too, and says nothing of what was done.
 */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly mayPass: boolean;
  readonly nothingDone: boolean;

  constructor(message: string, { mayPass = false, nothingDone = false, cause }: FailureFacts = {}) {
    super(message, { cause });
    this.mayPass = mayPass;
    this.nothingDone = nothingDone;
  }
}
