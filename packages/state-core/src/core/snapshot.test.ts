import { expect, test } from '@jest/globals';
import type { HistoryEntry, NextAction, StateBag } from '@statebag/contracts';
import { validateSnapshotRecord } from '@statebag/contracts/validators';
import { aBag, aRun, CONTEXT, NOW } from '../../test/build.ts';
import { planSnapshot, restoredBag } from './snapshot.ts';

const ENTRY = { id: 'h1', segment_id: 's2', type: 'human_approval', started_at: NOW, ended_at: NOW, attempt: 1 };
const entry = (node_id: string, status: string) => ({ ...ENTRY, node_id, status }) as HistoryEntry; // good ids by sight

async function backFrom(next_action: NextAction, bag: Partial<StateBag> = {}): Promise<StateBag> {
  const place = { next_action, segment_id: 's2', segment_to_run: 's3', loop_counter: 4 };
  const now = { ...(await aBag({ x: 1 }, aRun())), ...place, ...bag } as StateBag; // as above
  const { record } = planSnapshot(now, { type: 'manual', standing: { x: 1 } }, CONTEXT);
  expect(validateSnapshotRecord(record) || validateSnapshotRecord.errors).toBe(true);
  return restoredBag(now, { record, index: { x: 1 }, context: CONTEXT }).bag;
}

test('a run that is taken back goes on with the segment it had before it', async () => {
  expect(await backFrom('CONTINUE')).toMatchObject({ segment_to_run: 's3', cursor: null, loop_counter: 4, resume_count: 1, next_action: 'CONTINUE' });
  const cursor = { node_id: 'n', item: 7 } as StateBag['cursor'];
  expect(await backFrom('CONTINUE', { cursor })).toMatchObject({ segment_to_run: 's3', cursor });
});

test.each<NextAction>(['PAUSED_FOR_HITP', 'PARALLEL_GROUP', 'MAP_REDUCE', 'BATCHED', 'ASYNC_LLM', 'WAIT'])(
  'a snapshot in the pause %s comes back to it instead of after it',
  async (action) => {
    const state_history = [entry('before', 'SUCCEEDED'), entry('ask', 'PAUSED')];
    expect(await backFrom(action, { state_history })).toMatchObject({ segment_to_run: 's2', cursor: { node_id: 'ask', item: 0 }, next_action: 'CONTINUE' });
  },
);

test('a snapshot of a failed bag never comes back as a run that is done', async () => {
  expect(await backFrom('FAILED', { segment_to_run: null })).toMatchObject({ segment_to_run: 's2', cursor: null, status: 'CONTINUE' });
  expect(await backFrom('COMPLETE', { segment_to_run: null })).toMatchObject({ segment_to_run: null, next_action: 'COMPLETE' });
});
