import { expect, test } from '@jest/globals';
import { boundedProviders, type CallPlaces } from './bounded-providers.ts';
import type { LlmProviders } from './llm-provider.ts';
import { readLlmConfig } from './read-llm-config.ts';

const QUESTION = { model: 'm', prompt: 'p', idempotency_key: 'k', timeout_ms: 10_000 };
const config = readLlmConfig({
  LLM_PROVIDERS: JSON.stringify({
    openai: { key_parameter: '/k', at_once: 2 },
    google: { key_parameter: '/k' },
  }),
});

/** Places of this process. */
function placesHere(): CallPlaces & { taken: number; asked: number } {
  const places = {
    taken: 0,
    asked: 0,
    async take(_provider: string, { most }: { most: number }) {
      places.asked += 1;
      if (places.taken >= most) return undefined;
      places.taken += 1;
      return {
        async release() {
          places.taken -= 1;
        },
      };
    },
  };
  return places;
}

/** A provider whose calls end when they are told to. */
function heldProvider() {
  const [under, most] = [new Set<() => void>(), { atOnce: 0 }];
  const providers: LlmProviders = async () => ({
    async complete({ timeout_ms }) {
      await new Promise<void>((resolve) => {
        under.add(resolve);
        most.atOnce = Math.max(most.atOnce, under.size);
      });
      return { text: String(timeout_ms), input_tokens: 1, output_tokens: 1 };
    },
  });
  const endOne = () => {
    const [first] = under;
    if (first) under.delete(first);
    first?.();
  };
  return { providers, endOne, most };
}

/** Time that passes by being waited for; each wait ends a call. */
function passingTime(onPause: () => void) {
  let now = 0;
  return {
    now: () => now,
    async pause(ms: number) {
      now += ms;
      onPause();
    },
  };
}

test('no more calls of a provider are under way than it takes at once, and all are answered', async () => {
  const held = heldProvider();
  const places = placesHere();
  const bounded = boundedProviders(held.providers, config, places, passingTime(held.endOne));
  const ask = async () => (await bounded('openai')).complete({ ...QUESTION, timeout_ms: 1_000_000 });
  const answers = Promise.all(Array.from({ length: 8 }, ask));
  const ending = setInterval(held.endOne, 1);
  expect(await answers).toHaveLength(8);
  clearInterval(ending);
  expect([held.most.atOnce, places.taken]).toEqual([2, 0]);
});

test('a call that finds no place in half of its time may be tried again later', async () => {
  const places = placesHere();
  places.taken = 2;
  const time = passingTime(() => undefined);
  const bounded = boundedProviders(heldProvider().providers, config, places, time);
  await expect((await bounded('openai')).complete(QUESTION)).rejects.toMatchObject({
    name: 'Llm.AtCapacity',
    message: '2 calls of openai are under way; no more may be',
  });
  expect(time.now()).toBeLessThanOrEqual(5_000);
});

test('a provider without a limit asks for no place', async () => {
  const held = heldProvider();
  const places = placesHere();
  const asking = (await boundedProviders(held.providers, config, places)('google')).complete(QUESTION);
  held.endOne();
  expect([(await asking).text, places.asked]).toEqual(['10000', 0]);
});
