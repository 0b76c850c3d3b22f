import { expect, test } from '@jest/globals';
import { CONTEXT, storedText, textOf } from '../../test/build.ts';
import { planWrite, wholeKb } from './planned-write.ts';

const always = { ...CONTEXT, thresholds: { ...CONTEXT.thresholds, compressFrom: 0 } };

test('a text that compression would not make smaller stays plain', () => {
  const [plain, compressed] = [
    planWrite('short', 'blobs', always),
    planWrite('a'.repeat(99), 'blobs', always),
  ];
  expect([plain.object.encoding, storedText(plain)]).toEqual(['json', '"short"']);
  expect([compressed.object.encoding, storedText(compressed)]).toEqual(['json+zstd', `"${'a'.repeat(99)}"`]);
});

test('a text is compressed only where that saves a byte', () => {
  const sizes = Array.from({ length: 60 }, (_, length) => planWrite('a'.repeat(length), 'blobs', always)).map(
    ({ object, size }) => ({
      encoding: object.encoding,
      saved: size - object.body.length,
    }),
  );
  expect(sizes.some(({ encoding }) => encoding === 'json+zstd')).toBe(true);
  expect(sizes.filter(({ encoding, saved }) => encoding === 'json+zstd' && saved < 1)).toEqual([]);
  expect(sizes.filter(({ encoding, saved }) => encoding === 'json' && saved !== 0)).toEqual([]);
});

test('the address says kind, hash and encoding; the size is of the plain text', () => {
  const write = planWrite({ text: textOf(9_000) }, 'map', CONTEXT);
  expect(write.uri).toBe(`s3://state/runs/acme/run-1/map/${write.sha256}.json.zst`);
  expect(write.size).toBe(9_011);
});

test.each([
  [0, 0],
  [1, 1],
  [1_024, 1],
  [1_025, 2],
])('%i bytes are %i KB', (size, kb) => expect(wholeKb(size)).toBe(kb));
