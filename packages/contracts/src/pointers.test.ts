import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from './json.ts';
import { escapeReserved, isDeleteMarker, isFieldPointer, isHistoryArchive, isStatePointer, looksReserved, unescapeReserved } from './pointers.ts';

const LOOK_ALIKES: Json[] = [
  { type: 's3_reference', s3_path: 's3://b/x' },
  { type: 's3_reference' },
  { type: 'history_archive' },
  { __s3_offloaded: true },
  { __s3_path: 'x' },
  { __escaped: 1 },
  { __deleted: true, more: 1 },
];

describe('user data that looks like one of ours', () => {
  test.each(LOOK_ALIKES)('is escaped: %j', (value) => {
    const stored = escapeReserved(value);
    expect([isFieldPointer, isStatePointer, isHistoryArchive, isDeleteMarker].some((is) => is(stored))).toBe(false);
    expect(unescapeReserved(stored)).toEqual(value);
  });

  test('any value survives escaping, and what is no look-alike is stored as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.constantFrom(...LOOK_ALIKES)), (value) => {
        const json = value as Json; // fast-check's own JSON type is mutable
        const stored = escapeReserved(json);
        expect(unescapeReserved(stored)).toBe(json);
        expect(stored === json).toBe(!looksReserved(json));
      }),
    );
  });
});

test('pointers of older writers, without hash and encoding, are recognised', () => {
  expect(isFieldPointer({ type: 's3_reference', s3_path: 's3://b/x', size_kb: 3 })).toBe(true);
  expect(isStatePointer({ __s3_offloaded: true, __s3_path: 's3://b/x' })).toBe(true);
  expect(isHistoryArchive({ type: 'history_archive', s3_path: 's3://b/x' })).toBe(true);
});
