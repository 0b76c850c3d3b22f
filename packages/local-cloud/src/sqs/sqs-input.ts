import { sqsErrors } from './queue-errors.ts';
import type { MessageAttribute } from './queue-store.ts';

/** The input of an action, whose fields are read one by one. */
export type Input = Readonly<Record<string, unknown>>;

export function required(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') throw sqsErrors.missing(name);
  return value;
}

export function number(
  input: Input,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw sqsErrors.invalid(
    `Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const objectOf = (value: unknown): Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
export const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(objectOf(value)).map(([key, each]) => [key, String(each)]));

/** The attributes that a message is sent with. */
export function attributesOf(value: unknown): Readonly<Record<string, MessageAttribute>> {
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, raw] of Object.entries(objectOf(value))) {
    const { DataType, StringValue, BinaryValue } = objectOf(raw);
    if (typeof DataType !== 'string')
      throw sqsErrors.invalid(
        `The message attribute '${name}' must contain a non-empty message attribute type.`,
      );
    attributes[name] = {
      DataType,
      ...(typeof StringValue === 'string' ? { StringValue } : {}),
      ...(typeof BinaryValue === 'string' ? { BinaryValue } : {}),
    };
  }
  return attributes;
}
