import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { PACK_BYTES } from '@statebag/contracts/limits';
import type { ReadFieldPointer } from '@statebag/contracts/pointers';
import { aRun, CONTEXT, LOCATION, textOf } from '../../test/build.ts';
import { storeAll } from '../store/store-all.ts';
import { fromPack, type Over, packed, packedUnder } from './pack.ts';
import { fieldPointer, planWrite } from './planned-write.ts';

const plannedOf = (value: Json) => planWrite(value, 'blobs', CONTEXT);
const pointerTo = (value: Json) => fieldPointer(plannedOf(value), CONTEXT.now);
const PREFIX = `s3://${LOCATION.bucket}/runs/acme/run-1/`;

describe('values that leave together', () => {
  const values = ['first', textOf(9_000), { third: 1 }];

  test('lie one after the other in one object, and each pointer says where', () => {
    const { writes, place } = packed(values.map(plannedOf), CONTEXT);
    expect(writes).toHaveLength(1);
    const [pack] = writes;
    expect(pack?.uri).toMatch(new RegExp(`^${PREFIX}packs/[0-9a-f]{64}\\.pack$`));
    const places = values.map((value) => place(pointerTo(value)));
    expect(places.map(({ s3_path, encoding }) => [s3_path, encoding])).toEqual([
      [pack?.uri, 'json'],
      [pack?.uri, 'json+zstd'],
      [pack?.uri, 'json'],
    ]);
    const ends = places.map(({ offset = 0, length = 0 }) => offset + length);
    expect(places.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, 2)]);
    expect(pack?.object.body).toHaveLength(ends[2] ?? 0);
  });

  test('give the same object again, whenever they leave', () => {
    const [once, again] = [packed(values.map(plannedOf), CONTEXT), packed(values.map(plannedOf), CONTEXT)];
    expect(again.writes).toEqual(once.writes);
  });

  test('are stored once where they are equal', () => {
    const { writes } = packed([...values, ...values].map(plannedOf), CONTEXT);
    expect(writes.map(({ values: kept }) => kept.length)).toEqual([3]);
  });

  test('leave a pointer alone that leads elsewhere', () => {
    const { place } = packed(values.map(plannedOf), CONTEXT);
    const elsewhere = pointerTo('stored before');
    expect(place(elsewhere)).toBe(elsewhere);
  });

  test.each<[string, Json[]]>([
    ['one alone', ['only']],
    ['one that comes twice', ['only', 'only']],
    ['one beside a very large one', ['only', textOf(20_000)]],
  ])('%s is an object of its own, with a pointer as ever', (_what, some) => {
    const thresholds = { ...CONTEXT.thresholds, packValue: 2_000 };
    const { writes, place } = packed(some.map(plannedOf), { ...CONTEXT, thresholds });
    expect(writes.map(({ uri }) => uri).sort()).toEqual(
      [...new Set(some.map((one) => plannedOf(one).uri))].sort(),
    );
    expect(some.map((one) => place(pointerTo(one)))).toEqual(some.map(pointerTo));
  });

  test('begin a second pack where the first is full', () => {
    const thresholds = { ...CONTEXT.thresholds, compressFrom: PACK_BYTES * 2, packValue: PACK_BYTES };
    const third = Math.floor(PACK_BYTES / 3);
    const large = ['a', 'b', 'c', 'd', 'e'].map((letter) =>
      planWrite(letter.repeat(third - 2), 'blobs', { ...CONTEXT, thresholds }),
    );
    const { writes } = packed(large, { ...CONTEXT, thresholds });
    expect(writes.map(({ values: kept }) => kept.length)).toEqual([3, 2]);
  });

  test.each([
    [0, 1],
    [1, 2],
  ])('a value %i byte over the bound of a pack leaves in %i objects with another one', (over, objects) => {
    const limit = byteLength(plannedOf('x'.repeat(1_000)));
    const context = { ...CONTEXT, thresholds: { ...CONTEXT.thresholds, packValue: limit - over } };
    expect(packed([plannedOf('x'.repeat(1_000)), plannedOf('y')], context).writes).toHaveLength(objects);
  });
});

function byteLength({ object }: ReturnType<typeof plannedOf>): number {
  return object.body.length;
}

function packedUnderOne(values: Parameters<typeof packedUnder>[0], over: Over, context = CONTEXT) {
  const { writes, pointers } = packedUnder(values, [over], context);
  const [pointer] = pointers;
  if (!pointer || pointers.length > 1) throw new Error(`${pointers.length} pointers to one value`);
  return { writes, pointer };
}

describe('a value that holds pointers to those beside it', () => {
  const values = [textOf(5_000), textOf(6_000)];
  const over = (place: (pointer: ReadFieldPointer) => ReadFieldPointer): Json =>
    values.map((value) => place(pointerTo(value)) as unknown as Json); // a pointer is JSON

  test('leaves with them in one object, and what it points to is found from there', async () => {
    const run = aRun();
    const { writes, pointer } = packedUnderOne(values.map(plannedOf), over);
    expect(writes.map(({ uri }) => uri)).toEqual([pointer.s3_path]);
    await storeAll(writes, run.session);
    const { hydrator } = aRun(run.process.store).session;
    const found = (await hydrator.pointed(pointer)) as unknown as ReadFieldPointer[]; // what was stored
    expect(found.map(({ s3_path }) => s3_path)).toEqual(['.', '.']);
    const away = found.map((one) => fromPack(one, pointer.s3_path) as unknown as Json);
    expect(await hydrator.values(away)).toEqual(values);
  });

  test('is an object of its own where nothing leaves beside it', () => {
    const { writes, pointer } = packedUnderOne([], () => ({ a: 1 }));
    expect([writes.map(({ uri }) => uri), pointer]).toEqual([[plannedOf({ a: 1 }).uri], pointerTo({ a: 1 })]);
  });

  test('is an object of its own where it is very large, and points to the others where they are', () => {
    const thresholds = { ...CONTEXT.thresholds, packValue: 3_000 };
    let placed: ReadFieldPointer[] = [];
    const { writes, pointer } = packedUnderOne(
      values.map(plannedOf),
      (place) => {
        placed = values.map((value) => place(pointerTo(value)));
        return textOf(50_000);
      },
      { ...CONTEXT, thresholds },
    );
    expect(pointer).not.toHaveProperty('offset');
    expect(writes.map(({ uri }) => uri)).toEqual([placed[0]?.s3_path, pointer.s3_path]);
    expect(placed.every(({ s3_path }) => s3_path.endsWith('.pack'))).toBe(true);
  });

  test('two of them leave in one object, and one that is there twice lies there once', () => {
    const overs = [over, () => ['other'], over];
    const { writes, pointers } = packedUnder(values.map(plannedOf), overs, CONTEXT);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.values).toHaveLength(4);
    expect(new Set(pointers.map(({ s3_path }) => s3_path))).toEqual(new Set([writes[0]?.uri]));
    expect(pointers[0]).toEqual(pointers[2]);
    expect(pointers[0]?.offset).not.toBe(pointers[1]?.offset);
  });
});
