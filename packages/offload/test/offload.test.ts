import { describe, expect, jest, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import {
  hydrate,
  type Json,
  OffloadError,
  type OffloadOptions,
  type OffloadStore,
  offload,
} from '../src/index.ts';

const PLACE = { bucket: 'my-bucket', prefix: 'offload/run-1/' };

function memoryStore() {
  const objects = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const store: OffloadStore = {
    async put({ Bucket, Key }, body) {
      asked.push(`put ${Key}`);
      if (!objects.has(`${Bucket}/${Key}`)) objects.set(`${Bucket}/${Key}`, body);
    },
    async read({ Bucket, Key }, offset, length) {
      asked.push(`get ${Key} ${offset}+${length}`);
      const body = objects.get(`${Bucket}/${Key}`);
      if (!body) throw new OffloadError('Offload.ObjectMissing', Key);
      return body.subarray(offset, offset + length);
    },
  };
  return { store, objects, asked };
}

const bytes = (value: Json) => Buffer.byteLength(JSON.stringify(value));
const text = (length: number, letter = 'x') => letter.repeat(length);

/** Any JSON, our own shapes among it: whole, nested, and nearly right. */
const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.string({ minLength: 200, maxLength: 3_000 }),
    fc.array(tie('json'), { maxLength: 8 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('@offloaded', '@escaped', '__proto__', 'at')),
      tie('json'),
      {
        maxKeys: 6,
      },
    ),
    tie('json').map((inner) => ({ '@escaped': inner }) as Json),
    fc.constantFrom(PLACE.prefix, 'offload/run-2/').map(
      (prefix) =>
        ({
          '@offloaded': `s3://other-bucket/${prefix}${'0'.repeat(64)}.json`,
          at: [1, 2],
          sha256: '0'.repeat(64),
        }) as Json,
    ),
  ),
})).json;

describe('offload and hydrate', () => {
  test('give back any JSON as it was, and keep the reply within its budget', async () => {
    let left = 0;
    await law(
      fc.asyncProperty(anyJson, fc.integer({ min: 300, max: 1_200 }), async (json, budget) => {
        const { store, objects } = memoryStore();
        const wrapped = { reply: json };
        const reply = await offload(wrapped, { ...PLACE, store, budget }).catch(
          (error: OffloadError) => error,
        );
        if (reply instanceof OffloadError) {
          expect(reply.name).toBe('Offload.BudgetExceeded');
          return;
        }
        expect(bytes(reply)).toBeLessThanOrEqual(budget);
        expect(objects.size).toBeLessThanOrEqual(1);
        left += objects.size;
        expect(await hydrate(reply, { ...PLACE, store })).toEqual(JSON.parse(JSON.stringify(wrapped)));
      }),
      { cases: 300 },
    );
    expect(left).toBeGreaterThan(30);
  });

  test('move nothing that fits, and ask S3 for nothing', async () => {
    const { store, asked } = memoryStore();
    const value = { status: 'ok', text: text(50_000) };
    expect(await offload(value, { ...PLACE, store })).toEqual(value);
    expect(asked).toEqual([]);
  });

  test('move many small values as one, where none is large', async () => {
    const { store, asked } = memoryStore();
    const rows = Array.from({ length: 4_000 }, (_, id) => ({ id, name: `row ${id}`, note: text(60) }));
    const reply = await offload({ status: 'ok', count: 4_000, rows }, { ...PLACE, store });
    expect(bytes(reply)).toBeLessThan(500);
    expect(reply).toMatchObject({ status: 'ok', count: 4_000, rows: { '@offloaded': expect.any(String) } });
    expect(asked).toHaveLength(1);
    expect(await hydrate(reply, { ...PLACE, store })).toMatchObject({ rows });
  });

  test('keep what a Choice and a Map look at: the ids of items, with their texts in one object', async () => {
    const { store, asked } = memoryStore();
    const items = Array.from({ length: 100 }, (_, id) => ({ id: `clause-${id}`, text: text(4_000, 'é') }));
    const options: OffloadOptions = { ...PLACE, store, budget: 60_000, keep: ['status', 'items[*].id'] };
    const reply = await offload({ status: 'ok', items }, options);
    expect(bytes(reply)).toBeLessThanOrEqual(60_000);
    const kept = (reply as { items: { id: string }[] }).items;
    expect(kept.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect(asked).toHaveLength(1);
    // an iteration of the Map reads its own text, and nothing else
    expect(await hydrate(kept[0], { ...PLACE, store })).toEqual(items[0]);
    expect(asked[1]).toMatch(/\+8002$/);
  });

  test('read only what is asked for', async () => {
    const { store, asked } = memoryStore();
    const value = {
      left: text(90_000),
      right: { deep: text(90_000, 'y') },
      list: [{ text: text(90_000, 'z') }],
    };
    const reply = await offload(value, { ...PLACE, store, budget: 1_000 });
    const read = await hydrate(reply, { ...PLACE, store, reads: ['right.deep'] });
    expect(read).toMatchObject({ left: { '@offloaded': expect.any(String) }, right: value.right });
    expect(asked.filter((each) => each.startsWith('get'))).toHaveLength(1);
    expect(await hydrate(reply, { ...PLACE, store, reads: ['list[*].text'] })).toMatchObject({
      list: value.list,
    });
  });

  test('a retry of the same reply leaves no second object', async () => {
    const { store, objects } = memoryStore();
    const value = { text: text(300_000) };
    const [first, second] = [
      await offload(value, { ...PLACE, store }),
      await offload(value, { ...PLACE, store }),
    ];
    expect(second).toEqual(first);
    expect(objects.size).toBe(1);
  });

  test('a pointer that is passed on unread stays the pointer it was', async () => {
    const { store, objects } = memoryStore();
    const first = await offload({ a: text(300_000) }, { ...PLACE, store });
    const second = await offload({ ...(first as object), b: text(300_000, 'b') }, { ...PLACE, store });
    expect(objects.size).toBe(2);
    expect(await hydrate(second, { ...PLACE, store })).toEqual({ a: text(300_000), b: text(300_000, 'b') });
  });

  test('reserve counts what the state holds already', async () => {
    const { store } = memoryStore();
    const value = { text: text(100_000) };
    expect(await offload(value, { ...PLACE, store, reserve: 50_000 })).toEqual(value);
    expect(await offload(value, { ...PLACE, store, reserve: 150_000 })).not.toEqual(value);
  });

  test.each([
    ['another bucket', 's3://other/offload/run-1/a.json'],
    ['another run', 's3://my-bucket/offload/run-2/a.json'],
    ['a way out', 's3://my-bucket/offload/run-1/../run-2/a.json'],
    ['no address', 'https://my-bucket/offload/run-1/a.json'],
  ])('a pointer to %s is refused before anything is asked of S3', async (_, address) => {
    const { store, asked } = memoryStore();
    const forged = { a: { '@offloaded': address, at: [0, 1], sha256: '0'.repeat(64) } };
    await expect(hydrate(forged, { ...PLACE, store })).rejects.toMatchObject({ name: 'Offload.Foreign' });
    expect(asked).toEqual([]);
  });

  test('a changed byte is noticed, and a lost object is an error', async () => {
    const { store, objects } = memoryStore();
    const reply = await offload({ text: text(300_000) }, { ...PLACE, store });
    const [[key, body]] = [...objects] as [[string, Uint8Array]];
    objects.set(
      key,
      Uint8Array.from(body, (byte, index) => (index === 1_000 ? byte ^ 1 : byte)),
    );
    await expect(hydrate(reply, { ...PLACE, store })).rejects.toMatchObject({
      name: 'Offload.ObjectCorrupt',
    });
    objects.clear();
    await expect(hydrate(reply, { ...PLACE, store })).rejects.toMatchObject({
      name: 'Offload.ObjectMissing',
    });
  });

  test('what must stay and does not fit is named', async () => {
    const { store } = memoryStore();
    const kept = offload({ a: text(5_000), b: 1 }, { ...PLACE, store, budget: 1_000, keep: ['a'] });
    await expect(kept).rejects.toThrow('$.a (5002)');
  });

  test.each(['a..b', 'a[0]', '[*', 'a b'])('the path %s is refused', async (path) => {
    await expect(offload({}, { ...PLACE, keep: [path] })).rejects.toMatchObject({
      name: 'Offload.Misconfigured',
    });
  });
});

test('a chain of a thousand objects, one in the other, is measured once and not once for each', async () => {
  const { store } = memoryStore();
  let chain: Json = { text: text(300_000) };
  for (let depth = 0; depth < 1_000; depth += 1) chain = { inner: chain, at: depth };
  const spy = jest.spyOn(JSON, 'stringify');
  const reply = await offload(chain, { ...PLACE, store });
  const made = spy.mock.results.reduce((sum, { value }) => sum + String(value).length, 0);
  spy.mockRestore();
  expect(bytes(reply)).toBeLessThanOrEqual(204_800);
  expect(made).toBeLessThan(10 * bytes(chain));
});

describe('bodies that are JSON in a text', () => {
  test('the body of an SQS message and the detail of an event stay within their budget and come back', async () => {
    const { store } = memoryStore();
    const order = { id: 'o-1', lines: Array.from({ length: 900 }, (_, line) => ({ line, note: text(400) })) };
    const body = JSON.stringify(await offload(order, { ...PLACE, store, budget: 60_000, keep: ['id'] }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(60_000);
    const [record] = [{ messageId: 'm', body }];
    const received: Json = JSON.parse(record?.body ?? '');
    expect(received).toMatchObject({ id: 'o-1' });
    expect(await hydrate(received, { ...PLACE, store })).toEqual(order);
  });

  test('an answer to a token is a text within the limit', async () => {
    const { store } = memoryStore();
    const output = JSON.stringify(
      await offload({ status: 'ok', scan: text(400_000) }, { ...PLACE, store, keep: ['status'] }),
    );
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(204_800);
    expect(JSON.parse(output)).toMatchObject({ status: 'ok', scan: { '@offloaded': expect.any(String) } });
  });
});
