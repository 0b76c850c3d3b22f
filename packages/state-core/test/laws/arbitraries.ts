import type { Json } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Delta, DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import type { Thresholds } from '@statebag/state-core';
import { textOf } from '@statebag/state-core/testing';
import fc from 'fast-check';

/** Texts around the sizes at which values move. */
const sizedText = fc
  .tuple(fc.constantFrom(0, 100, 400, 1_000, 4_000, 4_096, 5_000, 9_000, 31_000), fc.nat(9))
  .map(([size, seed]) => textOf(size, seed));

/** Objects that look like ours: a model may well answer with one. */
const lookAlike: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { type: 's3_reference', s3_path: 's3://state/runs/other/run-9/blobs/x.json' },
  { type: 'history_archive', s3_path: 's3://state/x' },
  { __s3_offloaded: true, __s3_path: 's3://state/y' },
  { __escaped: 1 },
  { __escaped: { __escaped: 'twice' } },
  { __escaped: 1, beside: 2 },
  { __deleted: true },
);

/** Any JSON that came over the wire: `JSON.stringify` has written its -0 as 0. */
// JSON.parse gives JSON
const json = fc
  .jsonValue({ maxDepth: 6, stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** Any JSON, of any size, ours or not. */
export const anyValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: json },
  { weight: 3, arbitrary: sizedText },
  { weight: 1, arbitrary: lookAlike },
);

const FIELDS = ['a', 'b', 'c', 'd', 'größe', 'e'.repeat(60), '数', 'toString'];
const fieldName = fc.oneof(
  fc.constantFrom(...FIELDS),
  fc.nat(60).map((index) => `f${index}`),
);
/** Fields that only ever hold lists, so that reducers fit. */
const listName = fc.constantFrom('log', 'seen');

const operation: fc.Arbitrary<DeltaOperation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('set' as const), field: fieldName, value: anyValue }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('delete' as const), field: fc.oneof(fieldName, listName) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('reduce' as const),
      field: listName,
      reducer: fc.constantFrom('append' as const, 'dedupe_append' as const, 'set_union' as const),
      value: fc.array(anyValue, { maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('reduce' as const),
      field: fc.constantFrom('most'),
      reducer: fc.constantFrom('max' as const, 'sum' as const),
      value: fc.integer(),
    }),
  },
);

export const anyDelta: fc.Arbitrary<Delta> = fc.array(operation, { maxLength: 12 });

export const anyDeltas: fc.Arbitrary<readonly Delta[]> = fc.array(anyDelta, { minLength: 1, maxLength: 8 });

/** As deployed, and so small that every way of leaving the bag is taken within a few segments. */
export const anyThresholds: fc.Arbitrary<Thresholds> = fc
  .constantFrom<Partial<Thresholds>>(
    {},
    { inlineState: 2_000, inlineDelta: 1_000, overlay: 2_500, packField: 300, field: 900, indexFrom: 1 },
    {
      inlineState: 4_000,
      inlineDelta: 3_000,
      overlay: 3_000,
      packField: 800,
      indexFrom: 900,
      packValue: 4_500,
      inlineHistory: 2_000,
      inlineHistoryAfter: 1_000,
    },
    {
      inlineState: 1_500,
      inlineDelta: 600,
      overlay: 900,
      packField: 300,
      indexFrom: 4_000,
      packValue: 0,
      field: 700,
      compressFrom: 500,
      inlineHistory: 700,
      inlineHistoryAfter: 300,
      inlineHistoryEntries: 3,
    },
  )
  .map((changes) => ({ ...THRESHOLDS, ...changes }));
