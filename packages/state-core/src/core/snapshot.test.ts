import { describe, expect, test } from '@jest/globals';
import { isFieldPointer, isStatePointer, type JsonObject, type SnapshotType, type StateBag } from '@statebag/contracts';
import { aBag, aRun, CONTEXT, frozen, NOW, storedText, textOf } from '../../test/build.ts';
import { planSnapshot, restoredBag } from './snapshot.ts';

const LATER = '2026-02-01T00:00:00.000Z' as typeof NOW;
const later = { ...CONTEXT, now: LATER };
const bagOf = async (changes: object = {}) => frozen({ ...(await aBag({ a: 1 }, aRun())), segment_to_run: 's2', loop_counter: 4, ...changes } as StateBag); // members of a bag, by sight
const planned = async (type: SnapshotType = 'manual', standing: JsonObject | null = { a: 1 }) => {
  const bag = await bagOf(standing === null ? { state_s3_path: 's3://state/index' } : {});
  return { bag, plan: planSnapshot(bag, { type, standing }, later) };
};

describe('a snapshot', () => {
  test('stores the state by its fields, then a record that says where it lies', async () => {
    const { plan } = await planned();
    const [index, record] = plan.writes;
    expect(plan.writes).toHaveLength(2);
    expect([index?.uri, record?.uri].map((uri) => uri?.split('/')[6])).toEqual(['blobs', 'snapshots']);
    expect(plan.writes.map((write) => JSON.parse(storedText(write)))).toEqual([{ a: 1 }, plan.record]);
    expect(plan.snapshot_s3_path).toBe(record?.uri);
    expect(plan.record).toEqual({
      snapshot_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      snapshot_type: 'manual',
      execution_id: 'run-1',
      state_s3_path: index?.uri,
      segment_to_run: 's2',
      loop_counter: 4,
      created_at: LATER,
    });
  });

  test('does not write again what lies behind an index already', async () => {
    const { plan } = await planned('manual', null);
    expect(plan.writes.map((write) => JSON.parse(storedText(write)))).toEqual([plan.record]);
    expect(plan.record.state_s3_path).toBe('s3://state/index');
  });

  test('has one id whenever it is taken, and another one for another place', async () => {
    const [bag, options] = [await bagOf(), { type: 'pre', standing: { a: 1 } } as const];
    const id = (changes: object) => planSnapshot({ ...bag, ...changes }, options, CONTEXT).record.snapshot_id;
    expect(id({})).toBe(planSnapshot(bag, options, later).record.snapshot_id);
    expect(id({ loop_counter: 5 })).not.toBe(id({}));
  });

  test.each<[SnapshotType, object]>([
    ['pre', { pre: true, post: false }],
    ['post', { pre: false, post: true }],
    ['manual', { pre: false, post: false }],
  ])('is remembered by its bag under its type: %s', async (type, remembered) => {
    const { bag, plan } = await planned(type);
    const { pre_snapshot_s3_path: pre, post_snapshot_s3_path: post } = plan.bag;
    expect({ pre: pre === plan.snapshot_s3_path, post: post === plan.snapshot_s3_path }).toEqual(remembered);
    expect(plan.bag).toEqual({ ...bag, pre_snapshot_s3_path: pre, post_snapshot_s3_path: post, last_update_time: LATER });
  });
});

describe('a restored bag', () => {
  const failed = {
    segment_to_run: null,
    loop_counter: 9,
    resume_count: 2,
    status: 'FAILED',
    next_action: 'FAILED',
    cursor: { node_id: 'n', item: 1 },
    wait_until: NOW,
    state_s3_path: 's3://state/old',
    failed_segments: [],
    failed_segments_s3_path: {},
  };

  test.each([
    ['s2', 'CONTINUE'],
    [null, 'COMPLETE'],
  ])('goes on at the segment %s of its snapshot: %s', async (segment_to_run, action) => {
    const { record } = planSnapshot(await bagOf({ segment_to_run }), { type: 'pre', standing: { a: 1 } }, CONTEXT);
    const bag = await bagOf(failed);
    const { failed_segments, failed_segments_s3_path, ...rest } = bag;
    expect(restoredBag(bag, { record, index: { a: 7 }, context: later })).toStrictEqual({
      bag: {
        ...rest,
        current_state: { a: 7 },
        state_s3_path: null,
        segment_to_run,
        loop_counter: 4,
        resume_count: 3,
        cursor: null,
        wait_until: null,
        status: action,
        next_action: action,
        last_update_time: LATER,
      },
      writes: [],
    });
  });

  test('moves out what a wide state leaves no room for', async () => {
    const { record } = planSnapshot(await bagOf(), { type: 'pre', standing: {} }, CONTEXT);
    const small = (count: number, size: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, textOf(size, index)]));
    const packed = restoredBag(await bagOf({ guardrail_verified: true }), { record, index: small(9, 1_500), context: CONTEXT });
    expect(Object.values(packed.bag.current_state).filter(isFieldPointer).length).toBeGreaterThan(0);
    const { bag, writes } = restoredBag(await bagOf({ guardrail_verified: true }), { record, index: small(60, 300), context: CONTEXT });
    expect(isStatePointer(bag.current_state) && bag.current_state.guardrail_verified).toBe(true);
    expect(bag.state_s3_path).toBe(writes.at(-1)?.uri);
  });

  test('is refused where the snapshot is of another run', async () => {
    const [bag, { record }] = [await bagOf(), planSnapshot(await bagOf({ execution_id: 'run-2' }), { type: 'pre', standing: {} }, CONTEXT)];
    expect(() => restoredBag(bag, { record, index: {}, context: CONTEXT })).toThrow(
      expect.objectContaining({ name: 'Pointer.Foreign', message: 'the snapshot is of run run-2, the bag of run-1' }),
    );
  });
});
