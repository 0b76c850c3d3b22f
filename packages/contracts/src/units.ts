declare const brand: unique symbol;

/** A primitive that may not be mistaken for another of the same type. Erased at run time. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** UTF-8 bytes; never characters, never KB. */
export type ByteSize = Brand<number, 'ByteSize'>;

/** Lower-case hex SHA-256 of a value's uncompressed canonical JSON. */
export type Sha256 = Brand<string, 'Sha256'>;

/** ISO 8601 in UTC, as Step Functions writes it: `2026-01-31T12:00:00.000Z`. */
export type Timestamp = Brand<string, 'Timestamp'>;

/** The same of a time in milliseconds since 1970. @throws RangeError where it is none */
export function timestampOf(millis: number): Timestamp {
  return new Date(millis).toISOString() as Timestamp; // the one form toISOString has
}

/** The bytes of one KB in every threshold and every `…_kb` field. */
export const KB = 1024;

/** Declares that a number counts bytes. */
export function bytes(count: number): ByteSize {
  return count as ByteSize;
}
