import { describe, expect, test } from '@jest/globals';
import { StatebagError } from '@statebag/contracts';
import { CONTEXT } from '../../test/build.ts';
import { planWrite } from '../core/planned-write.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { integrityRetry, readVerified } from './read-verified.ts';

const write = planWrite({ text: 'a'.repeat(9_000) }, 'blobs', CONTEXT);
const good = write.object;
const flipped: StoredObject = {
  ...good,
  body: good.body.map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
};
const truncated: StoredObject = { ...good, body: good.body.subarray(0, -3) };
const other = planWrite({ text: 'b'.repeat(9_000) }, 'blobs', CONTEXT).object;

/** A store that answers with these, one after the other. */
function answering(...answers: readonly (StoredObject | Error)[]): ObjectStore & { gets: () => number } {
  let gets = 0;
  return {
    gets: () => gets,
    put: async () => 'created',
    async get() {
      const answer = answers[Math.min(gets, answers.length - 1)];
      gets += 1;
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
  };
}

function reading(store: ObjectStore, sha256: string | undefined = write.sha256) {
  const delays: number[] = [];
  const retry = integrityRetry(
    () => 1,
    async (delay) => void delays.push(delay),
  );
  return { delays, read: readVerified({ uri: write.uri, sha256 }, { store, retry }) };
}

describe('reading an object', () => {
  test('gives the value and its uncompressed size', async () => {
    expect(await reading(answering(good)).read).toEqual({
      value: { text: 'a'.repeat(9_000) },
      size: write.size,
      verified: true,
    });
  });

  test.each([
    ['a flipped byte', flipped],
    ['a truncated body', truncated],
    ['another object’s content', other],
    ['bytes that are no JSON', { body: Buffer.from('not json'), encoding: 'json' } as StoredObject],
  ])('reads again after %s, and is corrupt after three tries', async (_what, broken) => {
    const mended = answering(broken, broken, good);
    expect((await reading(mended).read).size).toBe(write.size);
    const lost = answering(broken);
    const { read, delays } = reading(lost);
    await expect(read).rejects.toMatchObject({
      name: 'Store.ObjectCorrupt',
      message: expect.stringContaining(write.uri),
    });
    expect([lost.gets(), delays]).toEqual([3, [500, 1_000]]);
  });

  test('checks an object without a recorded hash by the store’s own, and says where there is none', async () => {
    const plain: StoredObject = { body: Buffer.from('{}'), encoding: 'json' };
    const uri = write.uri;
    const retry = integrityRetry(
      () => 0,
      async () => undefined,
    );
    const md5 = '99914b932bd37a50b983c5e7c90ae93b';
    expect(await readVerified({ uri }, { store: answering({ ...plain, md5 }), retry })).toMatchObject({
      value: {},
      verified: true,
    });
    await expect(
      readVerified({ uri }, { store: answering({ ...plain, md5: md5.replace('9', '8') }), retry }),
    ).rejects.toMatchObject({
      name: 'Store.ObjectCorrupt',
    });
    expect(await readVerified({ uri }, { store: answering(plain), retry })).toMatchObject({
      verified: false,
    });
  });

  test('does not read again what the store itself refused', async () => {
    const store = answering(new StatebagError('Store.AccessDenied', 'no'));
    await expect(reading(store).read).rejects.toMatchObject({ name: 'Store.AccessDenied' });
    expect(store.gets()).toBe(1);
  });

  test('waits at most eight seconds, with jitter', () => {
    const { delayAfter } = integrityRetry(
      () => 0.5,
      async () => undefined,
    );
    expect([delayAfter(1), delayAfter(2), delayAfter(3)]).toEqual([250, 500, undefined]);
  });
});
