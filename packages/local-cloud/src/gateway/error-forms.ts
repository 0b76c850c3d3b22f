import { ApiError } from '@statebag/states';
import type { Answer } from './request.ts';

/** How the clients of one protocol expect an error. */
export type ErrorForm = (error: ApiError, requestId: string) => Answer;

/** What S3 calls a refused signature, as every other service calls it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  AuthorizationHeaderMalformed: 'IncompleteSignatureException',
  AccessDenied: 'MissingAuthenticationTokenException',
};

/**
 * Turns whatever was thrown into the error of an API: what nobody raised on purpose is an internal failure,
 * with its message.
 */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ApiError('InternalFailure', message, { status: 500 });
}

/**
 * `application/x-amz-json-*`: Step Functions, DynamoDB, EventBridge, SSM, CloudWatch Logs, SQS. The last one
 * also says how its older protocol calls the error.
 */
export const jsonError: ErrorForm = (error, requestId) => {
  const code = ELSEWHERE[error.code] ?? error.code;
  const { query, ...fields } = error.fields;
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-errortype': code,
      'x-amzn-requestid': requestId,
      ...(typeof query === 'string' ? { 'x-amzn-query-error': `${query};Sender` } : {}),
    },
    body: JSON.stringify({ __type: code, message: error.message, ...fields }),
  };
};

/** REST with JSON bodies: Lambda. */
export const restJsonError: ErrorForm = (error, requestId) => {
  const code = ELSEWHERE[error.code] ?? error.code;
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code, 'x-amzn-requestid': requestId },
    body: JSON.stringify({
      Type: error.status < 500 ? 'User' : 'Service',
      Message: error.message,
      message: error.message,
      ...error.fields,
    }),
  };
};

/** What STS calls a refused signature, where it does not say it as S3 does. */
const TO_STS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'InvalidClientTokenId',
  AccessDenied: 'MissingAuthenticationToken',
  AccessDeniedException: 'AccessDenied',
};

/** Queries in forms, answered in XML: STS. */
export const queryError: ErrorForm = (error, requestId) => {
  const code = TO_STS[error.code] ?? error.code;
  const fields = `<Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message>`;
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body,
  };
};

const DENIED = 'AccessDeniedException';

/** REST with XML bodies: S3. A 304 has no body. */
export const xmlError: ErrorForm = (error, requestId) => {
  const fields = Object.entries({
    Code: error.code === DENIED ? 'AccessDenied' : error.code,
    Message: error.message,
    ...error.fields,
    RequestId: requestId,
  });
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${fields.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join('')}</Error>`;
  const headers = { 'content-type': 'application/xml', 'x-amz-request-id': requestId };
  return error.status === 304
    ? { status: 304, headers: { 'x-amz-request-id': requestId } }
    : { status: error.status, headers, body };
};

/** Text as the content of an XML element; characters that XML 1.0 cannot hold are left out. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, '')
  );
}
