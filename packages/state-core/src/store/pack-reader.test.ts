import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { HYDRATOR_LIMITS, THRESHOLDS } from '@statebag/contracts/limits';
import { inlineState } from '@statebag/contracts/pointers';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { aBag, aRun, CONTEXT, LOCATION, textOf } from '../../test/build.ts';
import { packed } from '../core/pack.ts';
import { fieldPointer, planWrite } from '../core/planned-write.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import type { ByteRange, ObjectStore } from './object-store.ts';
import { storeAll } from './store-all.ts';
import { openSession } from './store-session.ts';

const VALUES = Array.from({ length: 6 }, (_, index) => textOf(5_000, index));

/** A store that notes which part of what is read. */
function watched() {
  const memory = new MemoryObjectStore();
  const read: (ByteRange | undefined)[] = [];
  const store: ObjectStore = {
    put: (uri, object) => memory.put(uri, object),
    get: (uri, range) => {
      read.push(range);
      return memory.get(uri, range);
    },
  };
  return { store, read };
}

/** Values in one pack of that store, and their pointers. */
async function stored(
  values: readonly Json[],
  store: ObjectStore,
  thresholds = THRESHOLDS as typeof CONTEXT.thresholds,
) {
  const context = { ...CONTEXT, thresholds };
  const writes = values.map((value) => planWrite(value, 'blobs', context));
  const pack = packed(writes, context);
  await storeAll(pack.writes, { store });
  return writes.map((write) => pack.place(fieldPointer(write, CONTEXT.now)));
}

const asFields = (pointers: readonly FieldPointer[]) =>
  inlineState(
    Object.fromEntries(pointers.map((pointer, index) => [`f${index}`, pointer as unknown as Json])),
  );

describe('reading from packs', () => {
  test('one request fetches what is wanted of a pack, and no more than the stretch it lies in', async () => {
    const { store, read } = watched();
    const pointers = await stored(VALUES, store);
    const { hydrator, counts } = aRun(store).session;
    expect(await hydrator.fields(asFields(pointers), ['f1', 'f3'])).toEqual({ f1: VALUES[1], f3: VALUES[3] });
    const [, first, , last] = pointers;
    expect(read).toEqual([
      { offset: first?.offset, bytes: (last?.offset ?? 0) + (last?.length ?? 0) - (first?.offset ?? 0) },
    ]);
    expect(counts).toMatchObject({ gets: 1, unverified: 0, hydrated_bytes: 2 * 5_002 });
  });

  test.each([
    [0, 1],
    [1, 2],
  ])('two values with %i byte more than the gap between them take %i requests', async (over, requests) => {
    const { store, read } = watched();
    const raw = { ...THRESHOLDS, compressFrom: Number.MAX_SAFE_INTEGER, packValue: 8_000_000 };
    const between = 'x'.repeat(HYDRATOR_LIMITS.rangeGap - 2 + over);
    const pointers = await stored(['a', between, 'b'], store, raw);
    await aRun(store).session.hydrator.fields(asFields(pointers), ['f0', 'f2']);
    expect(read).toHaveLength(requests);
  });

  test('values of two packs take a request each', async () => {
    const { store, read } = watched();
    const [left, right] = [await stored(VALUES.slice(0, 3), store), await stored(VALUES.slice(3), store)];
    const state = asFields([...left, ...right]);
    expect(Object.values(await aRun(store).session.hydrator.fields(state, 'all'))).toEqual(VALUES);
    expect(read).toHaveLength(2);
  });

  test.each([
    ['with a small pack: the index and all fields take one request', 20, 1],
    ['with a large pack: the index and the fields that are wanted take one each', 200, 2],
  ])('a state behind an index, %s', async (_what, count, requests) => {
    const { store, read } = watched();
    const fields = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`f${index}`, noise(index)]),
    );
    const bag = await aBag(fields, aRun(store));
    const { hydrator } = aRun(store).session;
    expect(await hydrator.fields(bag, ['f0', 'f9'])).toEqual({ f0: fields['f0'], f9: fields['f9'] });
    expect(read).toHaveLength(requests);
  });

  test('a small pack that was read with its index serves what is wanted of it later, in the same process', async () => {
    const { store, read } = watched();
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, noise(index)]));
    const bag = await aBag(fields, aRun(store));
    const { process, session } = aRun(store);
    await session.hydrator.fields(bag, ['f0', 'f9']);
    const later = openSession(process, LOCATION);
    expect(await later.hydrator.fields(bag, ['f1', 'f9'])).toEqual({ f1: fields['f1'], f9: fields['f9'] });
    expect(read).toHaveLength(1);
    expect(later.counts).toMatchObject({ gets: 0, hydrated_bytes: expect.any(Number), unverified: 0 });
  });

  test('what was just written is not read again in the same process', async () => {
    const { store, read } = watched();
    const run = aRun(store);
    const bag = await aBag({ a: textOf(20_000), b: textOf(30_000) }, run);
    const again = openSession(run.process, LOCATION);
    expect(await again.hydrator.fields(bag, 'all')).toEqual({ a: textOf(20_000), b: textOf(30_000) });
    expect([read, again.counts.cache_hits]).toEqual([[], 2]);
  });

  test('a damaged part is asked for again by itself, and the others are taken as they came', async () => {
    const { store } = watched();
    const pointers = await stored(VALUES, store);
    const read: (ByteRange | undefined)[] = [];
    const damaging: ObjectStore = {
      put: (uri, object) => store.put(uri, object),
      async get(uri, range) {
        read.push(range);
        const object = await store.get(uri, range);
        if (read.length === 1) object.body[0] = 0;
        return object;
      },
    };
    const { hydrator } = aRun(damaging).session;
    expect(Object.values(await hydrator.fields(asFields(pointers), 'all'))).toEqual(VALUES);
    expect(read[1]).toMatchObject({ offset: 0, bytes: pointers[0]?.length });
    expect(read).toHaveLength(2);
  });

  test('a pack that stays damaged raises Store.ObjectCorrupt', async () => {
    const { store } = watched();
    const pointers = await stored(VALUES, store);
    const moved = pointers.map((pointer) => ({ ...pointer, offset: (pointer.offset ?? 0) + 1 }));
    await expect(aRun(store).session.hydrator.fields(asFields(moved), 'all')).rejects.toMatchObject({
      name: 'Store.ObjectCorrupt',
    });
  });

  test.each<[string, Partial<Record<keyof FieldPointer, unknown>>, string]>([
    [
      'of another run',
      { s3_path: `s3://state/runs/acme/run-2/packs/${'a'.repeat(64)}.pack` },
      'Pointer.Foreign',
    ],
    [
      'that is no pack',
      { s3_path: `s3://state/runs/acme/run-1/blobs/${'a'.repeat(64)}.json` },
      'Pointer.Foreign',
    ],
    ['that only a pack may name', { s3_path: '.' }, 'Pointer.Foreign'],
    ['without its hash', { sha256: undefined }, 'Store.ObjectCorrupt'],
    ['without its encoding', { encoding: undefined }, 'Store.ObjectCorrupt'],
    ['without its length', { length: undefined }, 'Store.ObjectCorrupt'],
    ['of nothing', { length: 0 }, 'Store.ObjectCorrupt'],
    ['before the beginning', { offset: -1 }, 'Store.ObjectCorrupt'],
    ['between two bytes', { offset: 0.5 }, 'Store.ObjectCorrupt'],
  ])('sends no request for a part %s', async (_what, change, name) => {
    const { store, read } = watched();
    const [pointer] = await stored(VALUES, store);
    const state = asFields([{ ...pointer, ...change } as FieldPointer]);
    await expect(aRun(store).session.hydrator.fields(state, 'all')).rejects.toMatchObject({ name });
    expect(read).toEqual([]);
  });

  test('a pack is never taken for a value', async () => {
    const { store } = watched();
    const [pointer] = await stored(VALUES, store);
    const whole = { type: 's3_reference', s3_path: pointer?.s3_path ?? '' };
    await expect(aRun(store).session.hydrator.fields(inlineState({ whole }), 'all')).rejects.toMatchObject({
      name: 'Pointer.Foreign',
    });
  });
});

/** 5,000 characters that do not compress to little. */
function noise(seed: number): string {
  let state = seed + 1;
  return Array.from({ length: 5_000 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + ((state >> 16) % 90));
  }).join('');
}
