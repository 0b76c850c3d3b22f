import { randomUUID } from 'node:crypto';
import { ApiError } from '../../ports.ts';
import { StatesError } from '../states-error.ts';
import type { Integration } from './integration.ts';

/** The failure of a task whose call was refused. What is no answer of an API is passed on as it is. */
export function callError(error: unknown, { errors }: Pick<Integration, 'errors'>): unknown {
  if (!(error instanceof ApiError)) return error;
  const { code, message, status } = error;
  const facts = `Service: ${errors.service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null`;
  return new StatesError(`${errors.prefix}.${exceptionOf(code, errors)}`, `${message} (${facts})`, { ofTask: true });
}

/** Codes that no API of ours models; the service names them by the base exception of its client. */
const UNMODELLED = new Set(['ValidationException', 'MissingParameter', 'AccessDeniedException', 'UnrecognizedClientException', 'ThrottlingException']);

function exceptionOf(code: string, { base }: Integration['errors']): string {
  if (UNMODELLED.has(code)) return base;
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
