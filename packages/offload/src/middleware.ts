import { byteSize, isObject, type Json } from './json.ts';
import type { OffloadStore } from './object-store.ts';
import { hydrate, INVOKE_ENVELOPE, type OffloadOptions, offloadValue } from './offload.ts';
import { OffloadError } from './offload-error.ts';

export interface MiddlewareOptions {
  readonly bucket: string;
  /** Bytes that the data may take at the transition. Without it: 200 KB of the service's 256. */
  readonly budget?: number;
  /** Paths of the reply that must stay inline, as `status` or `items[*].id`. */
  readonly keep?: readonly string[];
  /** Paths of the event whose values are wanted, as `a.b` or `items[*].text`. Without it: all of them. */
  readonly reads?: readonly string[];
  /**
   * What the data at the transition holds besides the reply. `event`: the state that was passed in stays, and
   * ResultPath puts the reply into it. `invoke`: the reply comes in the envelope of `lambda:invoke`.
   */
  readonly reserve?: number | 'event' | 'invoke' | 'event+invoke';
  /**
   * Folders of the objects, each with a slash behind it; by default `offload/` and the execution that the
   * event
   * names in `execution_id` or `executionId` (pass `$$.Execution.Name` there).
   */
  readonly prefix?: string | ((event: unknown) => string);
  readonly store?: OffloadStore;
}

/** What Middy gives its hooks, as far as it is used here. */
interface Request {
  event: unknown;
  response: unknown;
  internal: Record<string, unknown>;
}

export interface OffloadMiddleware {
  before(request: Request): Promise<void>;
  after(request: Request): Promise<void>;
}

const INTERNAL = '@statebag/offload';

/**
 * Middy: what the event needs is read before the handler runs, and what its reply cannot carry leaves
 * after it.
 */
export function offloadMiddleware(options: MiddlewareOptions): OffloadMiddleware {
  return {
    async before(request) {
      const place = placeFor(options, request.event);
      request.internal[INTERNAL] = { ...place, reserve: reserved(options.reserve, request.event) };
      request.event = await hydrate(request.event, {
        ...place,
        ...(options.reads && { reads: options.reads }),
      });
    },
    async after(request) {
      // set above, by the same middleware
      const place = request.internal[INTERNAL] as OffloadOptions;
      request.response = await offloadValue(request.response, {
        ...place,
        ...(options.budget !== undefined && { budget: options.budget }),
        ...(options.keep && { keep: options.keep }),
      });
    },
  };
}

function placeFor({ bucket, prefix, store }: MiddlewareOptions, event: unknown) {
  const folder = typeof prefix === 'function' ? prefix(event) : (prefix ?? `offload/${executionOf(event)}/`);
  return { bucket, prefix: folder, ...(store && { store }) };
}

function executionOf(event: unknown): string {
  const { execution_id, executionId } = isObject(event) ? event : {};
  const named = execution_id ?? executionId;
  if (typeof named === 'string' && named !== '')
    return named.replaceAll(/[^A-Za-z0-9._:=-]/g, '-').replace(/^[^A-Za-z0-9]/, 'x');
  throw new OffloadError(
    'Offload.Misconfigured',
    'the event names no execution: pass "execution_id.$": "$$.Execution.Name" in Parameters, or give offload a prefix',
  );
}

function reserved(reserve: MiddlewareOptions['reserve'] = 0, event: unknown): number {
  if (typeof reserve === 'number') return reserve;
  const state = reserve.startsWith('event') ? byteSize(event as Json) : 0; // an event came as JSON
  return state + (reserve.endsWith('invoke') ? INVOKE_ENVELOPE : 0);
}
