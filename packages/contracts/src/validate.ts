import { StatebagError } from './statebag-error.ts';

interface Violation {
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A validator compiled ahead of time from one of the schemas. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly Violation[] | null;
}

/**
 * The value, known to have the shape.
 * @throws `Contract.EventRejected` naming the first place that does not fit.
 */
export function accept<Shape>(validator: Validator, value: unknown, what: string): Shape {
  // the schema behind the validator was checked against Shape by `Static`
  if (validator(value)) return value as Shape;
  throw new StatebagError('Contract.EventRejected', `${what}${violationText(validator.errors?.at(-1))}`);
}

/** One violation as a sentence: path, rule, and the key it concerns. */
function violationText(violation: Violation | undefined): string {
  if (!violation) return ' does not fit its schema';
  const key = violation.params?.['additionalProperty'];
  return `${violation.instancePath || ''} ${violation.message ?? 'does not fit'}${typeof key === 'string' ? ` (${JSON.stringify(key)})` : ''}`;
}
