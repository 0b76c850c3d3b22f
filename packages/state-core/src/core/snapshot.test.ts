import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { isFieldPointer, isStatePointer } from '@statebag/contracts/pointers';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction, SnapshotType } from '@statebag/contracts/statuses';
import { validateSnapshotRecord } from '@statebag/contracts/validators';
import { aBag, anEntry, aRun, CONTEXT, frozen, NOW, storedText, textOf } from '../../test/build.ts';
import { archiveOldest } from './plan-history.ts';
import { planSnapshot, restoredBag } from './snapshot.ts';

const ENTRY = {
  id: 'h1',
  segment_id: 's2',
  type: 'human_approval',
  started_at: NOW,
  ended_at: NOW,
  attempt: 1,
};
// good ids by sight
const entry = (node_id: string, status: string) => ({ ...ENTRY, node_id, status }) as HistoryEntry;

async function backFrom(next_action: NextAction, bag: Partial<StateBag> = {}): Promise<StateBag> {
  const place = { next_action, segment_id: 's2', segment_to_run: 's3', loop_counter: 4 };
  const now = { ...(await aBag({ x: 1 }, aRun())), ...place, ...bag } as StateBag; // as above
  const { record } = planSnapshot(now, { type: 'manual', standing: { x: 1 } }, CONTEXT);
  expect(validateSnapshotRecord(record) || validateSnapshotRecord.errors).toBe(true);
  return restoredBag(now, { record, index: { x: 1 }, context: CONTEXT }).bag;
}

test('a run that is taken back goes on with the segment it had before it', async () => {
  expect(await backFrom('CONTINUE')).toMatchObject({
    segment_to_run: 's3',
    cursor: null,
    loop_counter: 4,
    resume_count: 1,
    next_action: 'CONTINUE',
  });
  const cursor = { node_id: 'n', item: 7 } as StateBag['cursor'];
  expect(await backFrom('CONTINUE', { cursor })).toMatchObject({ segment_to_run: 's3', cursor });
});

test.each<NextAction>(['PAUSED_FOR_HITP', 'PARALLEL_GROUP', 'MAP_REDUCE', 'BATCHED', 'ASYNC_LLM', 'WAIT'])(
  'a snapshot in the pause %s comes back to it instead of after it',
  async (action) => {
    const state_history = [entry('first', 'SUCCEEDED'), entry('before', 'SUCCEEDED'), entry('ask', 'PAUSED')];
    expect(await backFrom(action, { state_history })).toMatchObject({
      segment_to_run: 's2',
      cursor: { node_id: 'ask', item: 0 },
      next_action: 'CONTINUE',
    });
  },
);

test('a snapshot of a failed bag never comes back as a run that is done', async () => {
  expect(await backFrom('FAILED', { segment_to_run: null })).toMatchObject({
    segment_to_run: 's2',
    cursor: null,
    status: 'CONTINUE',
  });
  expect(await backFrom('COMPLETE', { segment_to_run: null })).toMatchObject({
    segment_to_run: null,
    next_action: 'COMPLETE',
  });
});

const LATER = '2026-02-01T00:00:00.000Z' as typeof NOW;
const later = { ...CONTEXT, now: LATER };
// members of a bag, by sight
const bagOf = async (changes: object = {}) =>
  frozen({
    ...(await aBag({ a: 1 }, aRun())),
    segment_to_run: 's2',
    loop_counter: 4,
    ...changes,
  } as StateBag);
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

  const [block] = archiveOldest([anEntry('h', 'x'.repeat(9_000))], CONTEXT).history;

  test.each<[NextAction, object]>([
    ['WAIT', { state_history: [entry('ask', 'PAUSED'), entry('after', 'SUCCEEDED')] }],
    ['WAIT', { state_history: [{ ...entry('ask', 'PAUSED'), segment_id: 's0' }] }],
    ['WAIT', { state_history: [block] }],
    ['BATCHED', { cursor: { node_id: 'n', item: 3 }, state_history: [] }],
  ])('in the pause %s with %j names no node of the segment that paused', async (next_action, changes) => {
    const bag = await bagOf({ next_action, segment_id: 's2', segment_to_run: 's3', ...changes });
    const { record } = planSnapshot(bag, { type: 'manual', standing: {} }, CONTEXT);
    expect(record.segment_to_run).toBe('s2');
    expect(record).not.toHaveProperty('cursor');
  });

  test.each<NextAction>(['STARTED', 'CONTINUE_AS_NEW'])(
    'at %s goes on at the segment that comes next',
    async (next_action) => {
      expect(
        planSnapshot(await bagOf({ next_action }), { type: 'manual', standing: {} }, CONTEXT).record,
      ).toMatchObject({ segment_to_run: 's2' });
    },
  );

  test.each<[SnapshotType, object]>([
    ['pre', { pre: true, post: false }],
    ['post', { pre: false, post: true }],
    ['manual', { pre: false, post: false }],
  ])('is remembered by its bag under its type: %s', async (type, remembered) => {
    const { bag, plan } = await planned(type);
    const { pre_snapshot_s3_path: pre, post_snapshot_s3_path: post } = plan.bag;
    expect({ pre: pre === plan.snapshot_s3_path, post: post === plan.snapshot_s3_path }).toEqual(remembered);
    expect(plan.bag).toEqual({
      ...bag,
      pre_snapshot_s3_path: pre,
      post_snapshot_s3_path: post,
      last_update_time: LATER,
    });
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
    const { record } = planSnapshot(
      await bagOf({ segment_to_run }),
      { type: 'pre', standing: { a: 1 } },
      CONTEXT,
    );
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
    const small = (count: number, size: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, textOf(size, index)]));
    const packed = restoredBag(await bagOf({ guardrail_verified: true }), {
      record,
      index: small(9, 1_500),
      context: CONTEXT,
    });
    expect(Object.values(packed.bag.current_state).filter(isFieldPointer).length).toBeGreaterThan(0);
    const { bag, writes } = restoredBag(await bagOf({ guardrail_verified: true }), {
      record,
      index: small(60, 300),
      context: CONTEXT,
    });
    expect(isStatePointer(bag.current_state) && bag.current_state.guardrail_verified).toBe(true);
    expect(bag.state_s3_path).toBe(writes.at(-1)?.uri);
  });

  test('is refused where the snapshot is of another run', async () => {
    const [bag, { record }] = [
      await bagOf(),
      planSnapshot(await bagOf({ execution_id: 'run-2' }), { type: 'pre', standing: {} }, CONTEXT),
    ];
    expect(() => restoredBag(bag, { record, index: {}, context: CONTEXT })).toThrow(
      expect.objectContaining({
        name: 'Pointer.Foreign',
        message: 'the snapshot is of run run-2, the bag of run-1',
      }),
    );
  });
});
