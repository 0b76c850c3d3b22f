import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import { frozen } from '../../../test/build.ts';
import { inCanonicalOrder, legacyStateOf, readWholeState, wholeStateAfter } from './whole-state.ts';

const POINTER = { type: 's3_reference', s3_path: 's3://state/x' } as never;
const WHOLE = { __s3_offloaded: true, __s3_path: 's3://state/whole' };
const STATE = frozen({ standing: { a: 1, far: POINTER }, values: { a: 1, far: 'value' } });

describe('the state of a first-generation bag', () => {
  test.each<[string, JsonObject, object]>([
    ['inline', { current_state: { a: 1 }, state_s3_path: 's3://state/old' }, { a: 1 }],
    ['behind its own pointer', { current_state: WHOLE, state_s3_path: 's3://state/old' }, WHOLE],
    ['behind the bag’s pointer', { state_s3_path: 's3://state/whole' }, WHOLE],
    [
      'behind the bag’s pointer where a list stands',
      { current_state: [1], state_s3_path: 's3://state/whole' },
      WHOLE,
    ],
    ['nowhere', {}, {}],
    ['nowhere behind an empty address', { current_state: null, state_s3_path: '' }, {}],
    ['nowhere behind an address that is none', { state_s3_path: 7 }, {}],
  ])('lies %s', (_where, bag, state) => expect(legacyStateOf(frozen(bag))).toEqual({ current_state: state }));

  test('is read with its pointers and with their values', async () => {
    const reader = {
      standing: async (state: object) => ({ standing: state }),
      fields: async (state: object, names: 'all') => ({ fields: state, names }),
    };
    const state = { current_state: { a: 1 } };
    expect(await readWholeState(state, reader as never)).toEqual({
      standing: { standing: state },
      values: { fields: state, names: 'all' },
    });
  });

  test('has its keys in the order in which they come back from the store', () => {
    expect(JSON.stringify(inCanonicalOrder({ b: { d: 1, c: 2 }, a: [] }))).toBe('{"a":[],"b":{"c":2,"d":1}}');
  });
});

describe('a whole state after operations', () => {
  const after = (...delta: DeltaOperation[]) => wholeStateAfter(STATE, delta);

  test.each<[string, DeltaOperation, JsonObject, JsonObject]>([
    [
      'set',
      { op: 'set', field: 'n', value: [2] },
      { a: 1, far: POINTER, n: [2] },
      { a: 1, far: 'value', n: [2] },
    ],
    [
      'set over what lies in the store',
      { op: 'set', field: 'far', value: 2 },
      { a: 1, far: 2 },
      { a: 1, far: 2 },
    ],
    ['delete', { op: 'delete', field: 'far' }, { a: 1 }, { a: 1 }],
    [
      'set a pointer',
      { op: 'set', field: 'a', pointer: POINTER },
      { a: POINTER, far: POINTER },
      { far: 'value' },
    ],
    [
      'sum',
      { op: 'reduce', field: 'a', reducer: 'sum', value: 2 },
      { a: 3, far: POINTER },
      { a: 3, far: 'value' },
    ],
    [
      'max with what lies in the store',
      { op: 'reduce', field: 'far', reducer: 'max', value: 'w' },
      { a: 1, far: 'w' },
      { a: 1, far: 'w' },
    ],
    [
      'set a look-alike',
      { op: 'set', field: 'a', value: { __deleted: true } },
      { a: { __escaped: { __deleted: true } }, far: POINTER },
      { a: { __deleted: true }, far: 'value' },
    ],
  ])('has what they left: %s', (_what, operation, standing, values) =>
    expect(after(operation)).toStrictEqual({ standing, values }),
  );

  test('takes each on what the ones before it left', () => {
    const { values } = after(
      { op: 'set', field: 'a', value: 5 },
      { op: 'reduce', field: 'a', reducer: 'sum', value: 2 },
    );
    expect(values['a']).toBe(7);
  });

  test('needs the value of each that combines', () => {
    expect(() => after({ op: 'reduce', field: 'a', reducer: 'sum', pointer: POINTER })).toThrow(
      'the value that a is combined with was not read',
    );
  });
});
