import { describe, expect, test } from '@jest/globals';
import type { ApprovalRequest, MapRequest } from '@statebag/contracts/schemas/pause-request';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';
import { validateEnvelope } from '@statebag/contracts/validators';
import { aBag, aRun } from '../../test/build.ts';
import { resumedEnvelope } from './resumed-envelope.ts';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:v3:7';
const FAILURE = {
  segment_id: 's2',
  branch_path: '',
  status: 'FAILED',
  error: 'Node.Failed',
  message: 'boom',
  node_id: 'n2',
};
const POINTER = { type: 's3_reference', s3_path: `s3://state/runs/acme/run-1/map/${'a'.repeat(64)}.json` };
// as much of it as resuming looks at
const APPROVAL = { kind: 'approval', node_id: 'ask', field: 'decision' } as ApprovalRequest;
// good ids by sight
const MAP = {
  kind: 'map',
  node_id: 'each',
  field: 'answers',
  strategy: 'batched',
  loop: '',
  retry_of: null,
} as MapRequest;

async function envelope(
  next_action: NextAction,
  bag: object = {},
  members: Partial<Envelope> = {},
): Promise<Envelope> {
  // members of a bag, by sight
  const state_data = {
    ...(await aBag({ x: 1 }, aRun())),
    next_action,
    history_events: 900,
    ...bag,
  } as StateBag;
  return { state_data, next_action, machine_arn: MACHINE, ...members };
}

const failed = (bag: object = {}) =>
  envelope('FAILED', {
    segment_id: 's2',
    segment_to_run: null,
    loop_counter: 5,
    failed_segments: [FAILURE],
    ...bag,
  });

describe('a run that is resumed', () => {
  test.each<NextAction>(['STARTED', 'CONTINUE', 'PARALLEL_GROUP', 'WAIT', 'ASYNC_LLM'])(
    'goes on with its own next action %s where it had not failed',
    async (action) => {
      const last = await envelope(action, {}, { branches: [] });
      const resumed = resumedEnvelope(last, null);
      const { resume_count, history_events, payload_size_kb, ...rest } = resumed.state_data;
      expect({ ...resumed, state_data: { ...last.state_data, ...rest } }).toEqual(last);
      expect({ resume_count, history_events }).toEqual({ resume_count: 1, history_events: 0 });
      expect(payload_size_kb).toBeGreaterThan(0);
    },
  );

  test('needs no continuation of its own', async () => {
    const resumed = resumedEnvelope(await envelope('CONTINUE_AS_NEW'), null);
    expect([resumed.next_action, resumed.state_data.next_action]).toEqual(['CONTINUE', 'CONTINUE']);
  });

  test('goes on from the bag before the one that failed, so that what the failed segment had finished is not done twice', async () => {
    const before = await envelope('CONTINUE', {
      segment_to_run: 's2',
      loop_counter: 4,
      current_state: { count: 1 },
      cursor: { node_id: 'n2', item: 3 },
    });
    const resumed = resumedEnvelope(await failed({ current_state: { count: 2 } }), before);
    expect(resumed.state_data).toMatchObject({
      segment_to_run: 's2',
      loop_counter: 4,
      current_state: { count: 1 },
      cursor: { item: 3 },
      resume_count: 1,
    });
    expect(resumed.state_data.failed_segments).toBeUndefined();
    expect(validateEnvelope(resumed) || validateEnvelope.errors).toBe(true);
  });

  test('asks a person anew who had refused, under a loop counter no decision belongs to', async () => {
    const before = await envelope(
      'PAUSED_FOR_HITP',
      { segment_id: 's2', segment_to_run: 's3', loop_counter: 4 },
      { request: APPROVAL },
    );
    const resumed = resumedEnvelope(await failed(), before);
    expect(resumed).toMatchObject({ next_action: 'CONTINUE', machine_arn: MACHINE });
    expect(resumed.request).toBeUndefined();
    expect(resumed.state_data).toMatchObject({
      segment_to_run: 's2',
      loop_counter: 5,
      cursor: { node_id: 'ask', item: 0 },
      status: 'CONTINUE',
    });
    expect(resumed.state_data.failed_segments).toBeUndefined();
  });

  test('runs only the failed items of a map where that is asked for', async () => {
    const before = await envelope('BATCHED', {}, { request: MAP });
    const last = await failed({ distributed_outputs: POINTER });
    expect(resumedEnvelope(last, before).request).toEqual(MAP);
    expect(resumedEnvelope(last, before, { failedItems: true })).toMatchObject({
      next_action: 'BATCHED',
      request: { ...MAP, retry_of: POINTER },
    });
  });

  test('asks a person anew also on a machine without versions', async () => {
    const before = await envelope('PAUSED_FOR_HITP', {}, { request: APPROVAL });
    const { machine_arn: _none, ...last } = await failed();
    expect(resumedEnvelope(last, before)).not.toHaveProperty('machine_arn');
    expect(resumedEnvelope(last, before).state_data.resume_count).toBe(1);
  });

  test('keeps the budget of what comes next', async () => {
    const wide = { current_state: { text: 'x'.repeat(110_000) } };
    const [plain, map] = [await envelope('CONTINUE', wide), await envelope('BATCHED', wide)];
    expect(() => resumedEnvelope(plain, null)).not.toThrow();
    expect(() => resumedEnvelope(map, null)).toThrow(expect.objectContaining({ name: 'Bag.BudgetExceeded' }));
  });

  test('is refused where nothing is left to run, nothing came before, or no map failed', async () => {
    const [done, plain, map] = [
      await envelope('COMPLETE'),
      await envelope('CONTINUE'),
      await envelope('BATCHED', {}, { request: MAP }),
    ];
    const [last, kept, inline] = [
      await failed(),
      await failed({ distributed_outputs: POINTER }),
      await failed({ distributed_outputs: [] }),
    ];
    const other = await envelope('PAUSED_FOR_HITP', {}, { request: APPROVAL });
    const refusals: [Envelope, Envelope | null, boolean, string][] = [
      [done, plain, false, 'it had finished all its segments'],
      [last, null, false, 'nothing is known of the time before it failed'],
      [last, last, false, 'nothing is known of the time before it failed'],
      [plain, map, true, 'it did not fail in a distributed map'],
      [kept, null, true, 'it did not fail in a distributed map'],
      [kept, plain, true, 'it did not fail in a distributed map'],
      [kept, other, true, 'it did not fail in a distributed map'],
      [last, map, true, 'the results of its map were not kept'],
      [inline, map, true, 'the results of its map were not kept'],
    ];
    for (const [now, before, failedItems, why] of refusals)
      expect(() => resumedEnvelope(now, before, { failedItems })).toThrow(
        expect.objectContaining({ name: 'Run.NotResumable', message: `run run-1 cannot go on: ${why}` }),
      );
  });
});
