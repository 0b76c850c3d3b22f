import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { inlineState } from '@statebag/contracts/pointers';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { aBag, aRun, CONTEXT, LOCATION, textOf } from '../../test/build.ts';
import { fieldPointer, planWrite } from '../core/planned-write.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { storeAll } from './store-all.ts';

/** A value that lies in the store, and the pointer to it. */
async function stored(value: Json, store: ObjectStore): Promise<FieldPointer> {
  const write = planWrite(value, 'blobs', CONTEXT);
  await storeAll([write], { store });
  return fieldPointer(write, CONTEXT.now);
}

describe('hydration', () => {
  test('reads only the fields that are asked for; one that is not there is absent', async () => {
    const { session } = aRun();
    const state = { a: await stored('A', session.store), b: await stored('B', session.store), c: 3 };
    expect(await session.hydrator.fields(inlineState(state), ['a', 'c', 'nothing', 'toString'])).toEqual({
      a: 'A',
      c: 3,
    });
    expect(session.counts.gets).toBe(1);
  });

  test('refuses to work with more than fits into a function, before it reads anything', async () => {
    const { session } = aRun();
    const large = { ...(await stored('L', session.store)), size_bytes: 70 * 1024 * 1024 };
    const state = inlineState({ a: large, b: large, c: 3 });
    await expect(session.hydrator.workingFields(state, 'all')).rejects.toMatchObject({
      name: 'State.TooLarge',
      message: expect.stringContaining(
        '140 MB, and 128 MB is the most; the largest are "a" (70 MB), "b" (70 MB)',
      ),
    });
    expect(session.counts.gets).toBe(0);
    expect(await session.hydrator.workingFields(state, ['a', 'c'])).toEqual({ a: 'L', c: 3 });
  });

  test('reads a pack once for all its members, null members too', async () => {
    const { session } = aRun();
    const pack = await stored({ a: 1, b: null, c: 'x' }, session.store);
    const state = {
      a: { ...pack, pack_key: 'a' },
      b: { ...pack, pack_key: 'b' },
      c: { ...pack, pack_key: 'c' },
    };
    expect(await session.hydrator.fields(inlineState(state), 'all')).toEqual({ a: 1, b: null, c: 'x' });
    expect(session.counts.gets).toBe(1);
  });

  test('is corrupt, not empty, where a pack lacks the member', async () => {
    const { session } = aRun();
    const pack = await stored({ a: 1 }, session.store);
    await expect(
      session.hydrator.fields(inlineState({ z: { ...pack, pack_key: 'z' } }), 'all'),
    ).rejects.toMatchObject({
      name: 'Store.ObjectCorrupt',
    });
  });

  test('lays the overlay over the index: newer values win, deleted fields are gone', async () => {
    const { session } = aRun();
    const index = await stored(
      { a: 1, b: { __escaped: { __deleted: true } }, c: await stored('C', session.store), d: 4 },
      session.store,
    );
    const current_state = {
      __s3_offloaded: true,
      __s3_path: index.s3_path,
      sha256: index.sha256,
      overlay: { a: 10, d: { __deleted: true } },
    };
    const state = { current_state, state_s3_path: index.s3_path };
    expect(await session.hydrator.fields(state, 'all')).toEqual({ a: 10, b: { __deleted: true }, c: 'C' });
  });

  test('reads older pointers, which have neither hash nor encoding', async () => {
    const { session } = aRun();
    const { s3_path } = await stored({ old: true }, session.store);
    expect(
      await session.hydrator.fields(inlineState({ a: { type: 's3_reference', s3_path } }), 'all'),
    ).toEqual({
      a: { old: true },
    });
    const whole = { current_state: { __s3_offloaded: true, __s3_path: s3_path } };
    expect(await session.hydrator.fields(whole, 'all')).toEqual({ old: true });
  });

  test('takes the shape of a pointer anywhere deeper for data', async () => {
    const { session } = aRun();
    const deep = { list: [{ type: 's3_reference', s3_path: 's3://elsewhere/x' }] };
    expect(await session.hydrator.fields(inlineState({ deep }), 'all')).toEqual({ deep });
    expect(session.counts.gets).toBe(0);
  });

  test.each([
    ['another run', 's3://state/runs/acme/run-2/blobs/x.json'],
    ['another owner', 's3://state/runs/other/run-1/blobs/x.json'],
    ['another bucket', 's3://elsewhere/runs/acme/run-1/blobs/x.json'],
    ['a way up', 's3://state/runs/acme/run-1/blobs/../../run-2/x.json'],
    ['another definition', `s3://state/definitions/acme/${'f'.repeat(64)}/manifest.json`],
    ['an upload', 's3://state/uploads/acme/input.json'],
  ])('sends no request for a pointer to %s', async (_what, s3_path) => {
    const { session } = aRun();
    await expect(
      session.hydrator.fields(inlineState({ a: { type: 's3_reference', s3_path } }), 'all'),
    ).rejects.toMatchObject({ name: 'Pointer.Foreign' });
    expect(session.counts.gets).toBe(0);
  });

  test.each([
    ['its own definition', `s3://state/definitions/acme/${'0f'.repeat(32)}/workflow.json`],
    ['its own manifest', `s3://state/definitions/acme/${'0f'.repeat(32)}/manifest.json`],
    ['a ledger record', `s3://state/runs/acme/run-1/ledger/${'a'.repeat(64)}.json`],
    ['a snapshot', `s3://state/runs/acme/run-1/snapshots/${'a'.repeat(64)}.json`],
  ])('sends no request for a value or a whole state that is said to be %s', async (_what, s3_path) => {
    const { session } = aRun();
    const asValue = inlineState({ a: { type: 's3_reference', s3_path } });
    const asState = { current_state: { __s3_offloaded: true as const, __s3_path: s3_path as S3Uri } };
    for (const state of [asValue, asState, { ...asState, state_s3_path: s3_path }])
      await expect(session.hydrator.fields(state, 'all')).rejects.toMatchObject({ name: 'Pointer.Foreign' });
    expect(session.counts.gets).toBe(0);
  });

  test('a warm process reads nothing a second time, and still confines the reader', async () => {
    const first = aRun();
    const pointer = await stored('A', first.session.store);
    await first.session.hydrator.fields(inlineState({ a: pointer }), 'all');
    const { openSession } = await import('./store-session.ts');
    const second = openSession(first.process, LOCATION);
    expect(await second.hydrator.fields(inlineState({ a: pointer }), 'all')).toEqual({ a: 'A' });
    expect(second.counts).toMatchObject({ gets: 0, cache_hits: 1, hydrated_bytes: 3 });
    const other = openSession(first.process, { ...LOCATION, execution_id: 'run-2' as never });
    await expect(other.hydrator.fields(inlineState({ a: pointer }), 'all')).rejects.toMatchObject({
      name: 'Pointer.Foreign',
    });
  });

  test('reads no more than sixteen objects at once', async () => {
    const memory = new MemoryObjectStore();
    let [now, most] = [0, 0];
    const watched: ObjectStore = {
      put: (uri, object) => memory.put(uri, object),
      async get(uri: S3Uri) {
        now += 1;
        most = Math.max(most, now);
        await new Promise(setImmediate);
        now -= 1;
        return memory.get(uri);
      },
    };
    const run = aRun(memory, { ...THRESHOLDS, packValue: 0 });
    const bag = await aBag(
      Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, textOf(5_000, index)])),
      run,
    );
    expect(Object.keys(await aRun(watched).session.hydrator.fields(bag, 'all'))).toHaveLength(200);
    expect(most).toBe(16);
  });
});
