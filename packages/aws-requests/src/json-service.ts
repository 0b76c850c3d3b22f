import type { Place } from './place.ts';
import { jsonFailure } from './service-failure.ts';
import { type Patience, signedRequests } from './signed-requests.ts';

/** Calls an operation of a service by its name, with its input; gives its output. */
export type JsonCall = <Output>(operation: string, input: object) => Promise<Output>;

/** A service whose protocol is JSON over HTTP, and the prefix of its operations there. */
interface JsonService {
  readonly name: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

export function jsonService(
  { name, target, version }: JsonService,
  place: Place,
  patience: Patience,
): JsonCall {
  const send = signedRequests({ name, failureOf: jsonFailure }, place, patience);
  const type = `application/x-amz-json-${version}`;
  return async (operation, input) => {
    const headers = { 'content-type': type, 'x-amz-target': `${target}.${operation}` };
    const { body } = await send({ method: 'POST', path: '/', headers, body: JSON.stringify(input) });
    return JSON.parse(body.length === 0 ? '{}' : Buffer.from(body).toString('utf8'));
  };
}
