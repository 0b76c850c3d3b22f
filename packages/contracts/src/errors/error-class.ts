/** What a caller may rely on: may Step Functions try again, and what does the person who reads it do. */
export interface ErrorClass {
  readonly retryable: boolean;
  /** Raised to a caller of the API only, never inside of a state machine. */
  readonly caller?: true;
  /** One sentence for `docs/errors.md`: when it is raised. */
  readonly when: string;
  /** One sentence for `docs/errors.md`: what mends it. */
  readonly mend: string;
}

/** A part of the catalogue: code → class. */
export type ErrorClasses = Readonly<Record<`${string}.${string}`, ErrorClass>>;
