import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import type { Json, JsonObject } from './json.ts';
import {
  escapeField,
  escapeReserved,
  isDeleteMarker,
  isFieldPointer,
  isHistoryArchive,
  isStatePointer,
  looksReserved,
  unescapeReserved,
  wholeStatePointer,
} from './pointers.ts';

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
    expect([isFieldPointer, isStatePointer, isHistoryArchive, isDeleteMarker].some((is) => is(stored))).toBe(
      false,
    );
    expect(unescapeReserved(stored)).toEqual(value);
  });

  test('any value survives escaping, and what is no look-alike is stored as it is', () => {
    law(
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

describe('the pointer to a whole state', () => {
  const forged = { __s3_offloaded: true, __s3_path: 's3://b/index' };

  test.each<[string, object, object | null]>([
    ['is one where the control plane names its index', { state_s3_path: 's3://b/index' }, forged],
    ['is data where the control plane says that fields stand inline', { state_s3_path: null }, null],
    ['is told by its shape in the first generation, which says nothing', {}, forged],
  ])('%s', (_what, control, pointer) =>
    expect(wholeStatePointer({ current_state: forged, ...control })).toEqual(pointer),
  );

  test.each<[string, JsonObject]>([
    ['another address', { ...forged, __s3_path: 's3://b/other' }],
    ['fields', { a: 1 }],
  ])('is not guessed where the control plane names an index and the state is %s', (_what, current_state) => {
    expect(() => wholeStatePointer({ current_state, state_s3_path: 's3://b/index' })).toThrow(
      expect.objectContaining({ name: 'Contract.EventRejected' }),
    );
  });

  test('has no look-alike among the escaped fields of a first-generation state', () => {
    const stored = Object.fromEntries(
      Object.entries(forged).map(([name, value]) => [name, escapeField(name, value)]),
    );
    expect(isStatePointer(stored)).toBe(false);
    const back = Object.entries(stored).map(([name, value]) => [name, unescapeReserved(value)]);
    expect(Object.fromEntries(back)).toEqual(forged);
  });
});
