import { randomUUID } from 'node:crypto';
import { isObject, type Json } from '../language/json.ts';
import { expressionIn } from '../language/jsonata.ts';
import { CALL_FIELDS, type Reader } from '../language/reader.ts';
import { StatesError } from '../language/states-error.ts';
import { ApiError } from '../ports/services.ts';
import type { Integration } from '../program/task-target.ts';

/** The failure of a task whose call was refused. What is no answer of an API is passed on as it is. */
export function callError(error: unknown, { errors }: Pick<Integration, 'errors'>): unknown {
  if (!(error instanceof ApiError)) return error;
  const { code, message, status, fields } = error;
  if (fields['mocked'] === true) return new StatesError(code, message, { ofTask: true });
  if (errors.style === 'sdk') return sdkError(error, errors);
  const { query = code } = fields;
  const facts = `Service: ${errors.service}; Status Code: ${status}; Error Code: ${String(query)}; Request ID: ${randomUUID()}; Proxy: null`;
  return new StatesError(`${errors.prefix}.${exceptionOf(code, errors)}`, `${message} (${facts})`, {
    ofTask: true,
  });
}

function sdkError({ code, message, status }: ApiError, errors: Integration['errors']): StatesError {
  const facts = `Service: ${errors.service}, Status Code: ${status}, Request ID: ${randomUUID()}`;
  return new StatesError(`${errors.prefix}.${exceptionOf(code, errors)}`, `${message} (${facts})`, {
    ofTask: true,
  });
}

/** Codes that no API of ours models; the service names them by the base exception of its client. */
const UNMODELLED = new Set([
  'ValidationException',
  'MissingParameter',
  'InvalidParameterValue',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'ThrottlingException',
]);

function exceptionOf(code: string, { base }: Integration['errors']): string {
  if (UNMODELLED.has(code)) return base;
  return code.endsWith('Exception') ? code : `${code}Exception`;
}

/** Refuses a task whose call lacks a parameter, unless one expression gives all of them. */
export function requireParameter(task: Reader, name: string): void {
  const field = CALL_FIELDS[task.language];
  const value = task.value(field);
  if (expressionIn(value) !== undefined && task.language === 'JSONata') return;
  if (isObject(value) && (Object.hasOwn(value, name) || Object.hasOwn(value, `${name}.$`))) return;
  task.report(`The field '${name}' is required`, { field });
}

/** What the service adds to the answer of an optimised integration: how the call went over HTTP. */
export function sdkMetadata(
  body: string,
  { requestId = randomUUID(), status = 200 }: { requestId?: string; status?: number } = {},
): { [key: string]: Json } {
  const headers = {
    'x-amzn-RequestId': requestId,
    'Content-Length': String(Buffer.byteLength(body)),
    'Content-Type': 'application/json',
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
