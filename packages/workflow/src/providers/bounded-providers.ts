import { setTimeout as pauseFor } from 'node:timers/promises';
import { StatebagError } from '@statebag/contracts';
import type { LlmAnswer, LlmProvider, LlmProviders, LlmRequest } from './llm-provider.ts';
import type { LlmConfig } from './read-llm-config.ts';

/** Places for the calls that a provider takes at once, wherever the functions run that make them. */
export interface CallPlaces {
  /** One of so many places, for so long at most (milliseconds); nothing where none was found free. */
  take(
    provider: string,
    place: { readonly most: number; readonly ttl_ms: number },
  ): Promise<TakenPlace | undefined>;
}

export interface TakenPlace {
  /** Gives it back; one that is not given back is free again when its time is over. */
  release(): Promise<void>;
}

export interface Waiting {
  readonly now: () => number;
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

const REAL_TIME: Waiting = {
  now: () => performance.now(),
  pause: (ms, signal) => pauseFor(ms, undefined, signal && { signal }),
};

/** A call waits for its place for at most this part of its time, and has the rest for itself. */
const WAITING_SHARE = 0.5;
const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [50, 1_000];
/** So long after its time-out a call may still hold its place. */
const GRACE_MS = 5_000;

/**
 * The same providers, of which those with `at_once` are asked at most so often at a time. A call beyond it
 * waits, and raises `Llm.AtCapacity` where no place becomes free in half of its time.
 */
export function boundedProviders(
  providers: LlmProviders,
  { llmProviders, mockMode }: LlmConfig,
  places: CallPlaces,
  time: Waiting = REAL_TIME,
): LlmProviders {
  return async (name) => {
    const provider = await providers(name);
    const most = mockMode ? undefined : llmProviders[name]?.at_once;
    return most === undefined ? provider : bounded(provider, { name, most, places, time });
  };
}

interface Bound {
  readonly name: string;
  readonly most: number;
  readonly places: CallPlaces;
  readonly time: Waiting;
}

function bounded(provider: LlmProvider, bound: Bound): LlmProvider {
  return {
    async complete(request): Promise<LlmAnswer> {
      const began = bound.time.now();
      const place = await placeFor(request, bound);
      try {
        const left = request.timeout_ms - (bound.time.now() - began);
        return await provider.complete({ ...request, timeout_ms: Math.max(1, Math.floor(left)) });
      } finally {
        // an answer that was paid for counts; the place is free again by itself
        await place.release().catch(() => undefined);
      }
    },
  };
}

async function placeFor(
  { timeout_ms, signal }: LlmRequest,
  { name, most, places, time }: Bound,
): Promise<TakenPlace> {
  const until = time.now() + timeout_ms * WAITING_SHARE;
  for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    const place = await places.take(name, { most, ttl_ms: timeout_ms + GRACE_MS });
    if (place) return place;
    if (time.now() + wait > until)
      throw new StatebagError('Llm.AtCapacity', `${most} calls of ${name} are under way; no more may be`);
    await time.pause(wait, signal);
  }
}
