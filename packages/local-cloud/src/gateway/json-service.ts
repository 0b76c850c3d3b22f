import { createHash } from 'node:crypto';
import { ApiError, type JsonActions } from '@statebag/states';
import { type Answer, headerOf, type Request, readBody } from './request.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** A body read whole, and its hash: what the JSON protocols sign. */
export interface ReadRequest {
  readonly text: string;
  readonly sha256: string;
}

/** Reads the body of a request of the JSON protocols. */
export async function readJsonRequest(request: Request): Promise<ReadRequest> {
  const body = await readBody(
    request.body,
    MAX_REQUEST_BYTES,
    () =>
      new ApiError('RequestEntityTooLarge', `a request holds at most ${MAX_REQUEST_BYTES} bytes`, {
        status: 413,
      }),
  );
  return { text: body.toString('utf8'), sha256: createHash('sha256').update(body).digest('hex') };
}

/** Calls the one action and renders its output in the JSON version that the client speaks. */
export async function answerJson(
  actions: JsonActions,
  action: string,
  { request, input }: { request: Request; input: Record<string, unknown> },
): Promise<Answer> {
  const run = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (run === undefined)
    throw new ApiError('UnknownOperationException', `${action} is not an operation of the local cloud`);
  const output = await run(input);
  const contentType = headerOf(request, 'content-type') ?? 'application/x-amz-json-1.0';
  return {
    status: 200,
    headers: { 'content-type': contentType, 'x-amzn-requestid': request.requestId },
    body: JSON.stringify(output),
  };
}

/** The input of an action: a JSON object. */
export function parseInput(text: string): Record<string, unknown> {
  try {
    const input: unknown = text === '' ? {} : JSON.parse(text);
    if (isObject(input)) return input;
  } catch (cause) {
    throw new ApiError('SerializationException', `the body is not JSON: ${String(cause)}`);
  }
  throw new ApiError('SerializationException', 'the body is not a JSON object');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
