import { ApiError } from '@statebag/states';

/** What a policy document holds. */
export type Mapping = Readonly<Record<string, unknown>>;

/** One is written without a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function mappingOf(value: unknown, what: string): Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is an object, not ${JSON.stringify(value)}`);
  return value as Mapping; // an object has members by name
}

/** What IAM says to a policy that it cannot read. */
export function malformed(why: string): ApiError {
  return new ApiError('MalformedPolicyDocument', why);
}
