import { ApiError } from '@statebag/states';

/**
 * CloudFormation's refusal of a request: a template or its parameters are wrong, or there is no such stack.
 */
export function invalid(message: string): ApiError {
  return new ApiError('ValidationError', message);
}

/** A template that is not well formed. */
export function malformed(message: string): ApiError {
  return invalid(`Template format error: ${message}`);
}
