import { apiErrors } from '../api-errors.ts';

/** The input of an action, read field by field; a field of the wrong type is a ValidationException. */
export class Request {
  readonly #input: Readonly<Record<string, unknown>>;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#input = input;
  }

  has(field: string): boolean {
    return this.#input[field] !== undefined && this.#input[field] !== null;
  }

  raw(field: string): unknown {
    return this.#input[field];
  }

  text(field: string): string | undefined {
    const value = this.#input[field] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw apiErrors.validation(`Expected a string in '${field}'`);
  }

  requiredText(field: string): string {
    const value = this.text(field);
    if (value !== undefined) return value;
    throw apiErrors.validation(`1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`);
  }

  boolean(field: string): boolean | undefined {
    const value = this.#input[field] ?? undefined;
    if (value === undefined || typeof value === 'boolean') return value;
    throw apiErrors.validation(`Expected a boolean in '${field}'`);
  }

  integer(field: string, { least, most }: { least: number; most: number }): number | undefined {
    const value = this.#input[field] ?? undefined;
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)) return value;
    throw apiErrors.validation(
      `1 validation error detected: Value '${String(value)}' at '${field}' failed to satisfy constraint: Member must be between ${least} and ${most}`,
    );
  }

  list(field: string): readonly unknown[] {
    const value = this.#input[field] ?? [];
    if (Array.isArray(value)) return value;
    throw apiErrors.validation(`Expected a list in '${field}'`);
  }
}

/** A time on the wire: epoch seconds with a fraction. */
export const wireTime = (at: number): number => at / 1000;
