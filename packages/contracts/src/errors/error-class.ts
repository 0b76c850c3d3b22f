/** What a caller may rely on: whether Step Functions tries again, and what a person does about the error. */
export interface ErrorClass {
  readonly retryable: boolean;
  /** Raised to a caller of the API only, never inside of a state machine. */
  readonly caller?: true;
  /** One sentence for `docs/errors.md`: when it is raised. */
  readonly when: string;
  /** For `docs/errors.md` and replies: what the reader does to correct it. */
  readonly mend: string;
}

/** A part of the catalogue: code → class. */
export type ErrorClasses = Readonly<Record<`${string}.${string}`, ErrorClass>>;
