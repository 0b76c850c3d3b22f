/** Keeps what a Lambda replies under the payload limit of Step Functions: what is too large goes to S3. */
import type { Json } from './json.ts';
import { type MiddlewareOptions, type OffloadMiddleware, offloadMiddleware } from './middleware.ts';
import { type OffloadOptions, offloadValue } from './offload.ts';

export type { Json, JsonObject } from './json.ts';
export type { MiddlewareOptions, OffloadMiddleware } from './middleware.ts';
export { type OffloadStore, s3Store } from './object-store.ts';
export {
  type HydrateOptions,
  hydrate,
  INVOKE_ENVELOPE,
  type OffloadOptions,
  PAYLOAD_LIMIT,
} from './offload.ts';
export { OffloadError, type OffloadErrorName } from './offload-error.ts';
export type { OffloadPointer } from './pointer.ts';

/**
 * With a value: the value within its budget. With options alone: the Middy middleware that does so for
 * each reply.
 */
export function offload(options: MiddlewareOptions): OffloadMiddleware;
export function offload(value: unknown, options: OffloadOptions): Promise<Json>;
export function offload(
  ...given: [MiddlewareOptions] | [unknown, OffloadOptions]
): OffloadMiddleware | Promise<Json> {
  return given.length === 1 ? offloadMiddleware(given[0]) : offloadValue(given[0], given[1]);
}
