import type { ApiEvent, ApiReply } from '@statebag/api';
import { codeOf } from './reply.ts';

/** The one line each request leaves: ids and counts, nothing that was sent or answered. */
export interface ApiLine {
  readonly statebag: 'api';
  readonly route: string;
  readonly request_id: string;
  readonly execution_id: string | null;
  readonly status: number;
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
  /** Name and place of a failure that is not the caller's; its text may quote state. */
  readonly failure?: string;
  readonly request_bytes: number;
  readonly reply_bytes: number;
  readonly duration_ms: number;
}

export type ApiLog = (line: ApiLine) => void;

/** On stderr, which CloudWatch reads like stdout. */
export const stderrLog: ApiLog = (line) => void process.stderr.write(`${JSON.stringify(line)}\n`);

const SERVER_FAULT = 500;

export function lineOf({
  event,
  reply,
  error,
  durationMs,
}: {
  event: ApiEvent;
  reply: ApiReply;
  error: unknown;
  durationMs: number;
}): ApiLine {
  return {
    statebag: 'api',
    route: event.routeKey,
    request_id: event.requestContext.requestId ?? '',
    execution_id: event.pathParameters?.['run_id'] ?? null,
    status: reply.statusCode,
    outcome: error === undefined ? 'ok' : codeOf(error),
    ...(reply.statusCode >= SERVER_FAULT && { failure: failureText(error) }),
    request_bytes: Buffer.byteLength(event.body ?? ''),
    reply_bytes: Buffer.byteLength(reply.body),
    duration_ms: Math.round(durationMs),
  };
}

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const frame = /^\s+at (.*)$/m.exec(error.stack ?? '')?.[1];
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}
