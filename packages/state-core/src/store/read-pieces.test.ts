import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { elementsOf, linesOf, valuesOf } from './read-pieces.ts';

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<Item>(texts: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const text of texts) found.push(text);
  return found;
}

const sizes = fc.integer({ min: 1, max: 40 });

test('the elements of a list are those JSON.parse finds, wherever the bytes are cut', async () => {
  const lists = fc.array(fc.jsonValue(), { maxLength: 8 });
  const property = fc.asyncProperty(lists, fc.constantFrom(0, 2), sizes, async (list, indent, size) => {
    const found = await all(elementsOf(cut(JSON.stringify(list, null, indent), size)));
    expect(found.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)));
  });
  await law(property, { cases: 300 });
});

test('a quote, a bracket and a comma inside of a text end nothing', async () => {
  expect(await all(elementsOf(cut('["],[", "\\"]", "\\\\", {"a]": "é,"}]', 1)))).toEqual([
    '"],["',
    '"\\"]"',
    '"\\\\"',
    '{"a]": "é,"}',
  ]);
});

test.each(['', '{"a": 1', '[1, 2', '"text"', '[1] 2', '12', 'x [1]', '{}'])('%j is no list', async (text) => {
  await expect(all(elementsOf(cut(text, 3)))).rejects.toThrow(SyntaxError);
});

test('the elements of an object are not taken for those of a list', async () => {
  await expect(
    all(elementsOf(cut('{"a": 1}', 3))).then((found) => found.map((text) => JSON.parse(text))),
  ).rejects.toThrow(SyntaxError);
});

test('a trailing comma leaves an element that is no JSON', async () => {
  expect(await all(elementsOf(cut('[1,]', 2)))).toEqual(['1', '']);
});

describe('lines', () => {
  test('are found wherever the bytes are cut, empty ones left out, whatever ends them', async () => {
    for (let size = 1; size < 12; size += 1)
      expect(await all(linesOf(cut('{"a":"é"}\r\n\n{"b":2}\n {"c":3}', size)))).toEqual([
        '{"a":"é"}',
        '{"b":2}',
        '{"c":3}',
      ]);
  });

  test('of nothing are none', async () => {
    expect(await all(linesOf(cut('', 1)))).toEqual([]);
  });
});

test.each([
  ['a line that was cut', linesOf(cut('{"a":1}\n{"b"', 3))],
  ['a list that does not end', elementsOf(cut('[1,2', 2))],
  ['a text where a list is expected', elementsOf(cut('no', 2))],
])('%s is damage of the object it is read from', async (_what, texts) => {
  await expect(all(valuesOf(texts, 's3://state/x'))).rejects.toMatchObject({
    name: 'Store.ObjectCorrupt',
    message: expect.stringContaining('s3://state/x'),
  });
});
