import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { BranchPointer } from '@statebag/contracts/schemas/pointers';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf, canonicalJson } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { aService, BUCKET, readEvent, sample } from '../../test/build.ts';

const failed = (envelope: Envelope) => envelope.state_data.failed_segments?.[0];

describe('init', () => {
  test('lays the input over the initial state', async () => {
    const { invoke } = await aService();
    expect(await invoke(readEvent('init'))).toMatchObject({
      next_action: 'STARTED',
      state_data: {
        loop_counter: 0,
        status: 'STARTED',
        current_state: { customer: 'Blue Heron Ltd', log: [] },
      },
    });
  });

  test.each([
    ['MOCK_MODE', { MOCK_MODE: true }],
    ['AUTO_RESUME_HITP', { AUTO_RESUME_HITP: 'yes' }],
  ])('refuses input with %s', async (_what, input) => {
    const { invoke } = await aService();
    const event = readEvent('init');
    await expect(
      invoke({ ...event, start: { ...(event['start'] as JsonObject), input } }),
    ).rejects.toMatchObject({ name: 'Pointer.LookAlike' });
  });

  test('takes an upload of the owner, and nothing of anybody else', async () => {
    const { invoke, store } = await aService();
    const { input, ...start } = readEvent('init')['start'] as { input: JsonObject };
    const from = (input_s3_path: string) =>
      invoke({ ...readEvent('init'), start: { ...start, input_s3_path } });
    await store.put(`s3://${BUCKET}/uploads/acme/in.json` as S3Uri, {
      body: Buffer.from(canonicalJson(input)),
      encoding: 'json',
    });
    await store.put(`s3://${BUCKET}/uploads/acme/list.json` as S3Uri, {
      body: Buffer.from('[]'),
      encoding: 'json',
    });
    expect(await from(`s3://${BUCKET}/uploads/acme/in.json`)).toEqual(await invoke(readEvent('init')));
    await expect(from(`s3://${BUCKET}/uploads/acme/list.json`)).rejects.toMatchObject({
      name: 'Contract.EventRejected',
    });
    for (const path of [
      'uploads/other/in.json',
      'runs/acme/run-0001/blobs/x.json',
      'uploads/acme/../other/in.json',
    ]) {
      await expect(from(`s3://${BUCKET}/${path}`)).rejects.toMatchObject({ name: 'Pointer.Foreign' });
    }
    await expect(from(`s3://${BUCKET}/uploads/acme/gone.json`)).rejects.toMatchObject({
      name: 'Store.ObjectMissing',
    });
  });
});

describe('sync', () => {
  test('gives back the bag, byte for byte, for a result that was applied before', async () => {
    const { sync } = await aService();
    const once = await sync(sample('sync'));
    expect(JSON.stringify(await sync({ ...sample('sync'), state_data: once.state_data }))).toBe(
      JSON.stringify(once),
    );
  });

  test('gives the same bytes on a retry', async () => {
    const { sync } = await aService();
    expect(JSON.stringify(await sync(sample('sync')))).toBe(JSON.stringify(await sync(sample('sync'))));
  });

  test('counts the events of every try', async () => {
    const { sync } = await aService();
    expect((await sync(sample('sync', {}, { retry_count: 2 }))).state_data.history_events).toBe(12 + 2 * 3);
  });

  test.each([
    [
      'FAILED',
      { error: 'Llm.Unavailable', message: 'overloaded', node_id: 'n' },
      { error: 'Llm.Unavailable', node_id: 'n' },
    ],
    ['FAILED', null, { error: 'Node.Failed', node_id: null }],
    ['LOOP_LIMIT_EXCEEDED', null, { error: 'Loop.LimitExceeded', status: 'LOOP_LIMIT_EXCEEDED' }],
  ])('puts the reason of %s first', async (status, error_info, expected) => {
    const { sync } = await aService();
    const event = sample('sync');
    const envelope = await sync({
      ...event,
      execution_result: { ...(event['execution_result'] as JsonObject), status, error_info },
    });
    expect(envelope.next_action).toBe('FAILED');
    expect(failed(envelope)).toMatchObject({ segment_id: 's01-classify', branch_path: '', ...expected });
  });

  test('refuses an action it does not have, and a bag inside a bag', async () => {
    const { invoke } = await aService();
    await expect(invoke({ action: 'toString' })).rejects.toMatchObject({
      name: 'Contract.EventRejected',
      message: expect.stringContaining('sync_branch'),
    });
    await expect(
      invoke({ ...sample('sync'), state_data: { ...sample('sync').state_data, state_data: {} } }),
    ).rejects.toMatchObject({ name: 'Bag.Nested' });
  });
});

describe('branches', () => {
  test('a pointer stays small whatever the branch produced, and the join reads everything back', async () => {
    const { invoke, sync, store } = await aService();
    const event = sample('sync_branch', {}, { branch: { branch_id: 'b'.repeat(64), branch_index: 0 } });
    const result = event['execution_result'] as { delta: object[] };
    const large = {
      ...result,
      delta: [...result.delta, { op: 'set', field: 'large', value: 'x'.repeat(30_000) }],
    };
    const { branch_pointer } = (await invoke({ ...event, execution_result: large })) as unknown as {
      branch_pointer: BranchPointer;
    };
    expect(byteSizeOf(branch_pointer)).toBeLessThanOrEqual(512);
    const joined = await sync(
      sample(
        'aggregate_branches',
        { pending_branches: [{ branch_id: 'b', branch_index: 0 }] },
        { branches: [branch_pointer as never] },
      ),
    );
    const { hydrator } = openSession(openStore(store), {
      bucket: BUCKET,
      owner_id: 'acme',
      execution_id: 'run-0001',
    } as never);
    expect(await hydrator.fields(joined.state_data, ['large'])).toEqual({
      large: 'x'.repeat(30_000),
    });
  });

  test('a branch of several segments leaves all of them in one record', async () => {
    const { sync } = await aService();
    const first = sample('sync_branch');
    const result = first['execution_result'] as JsonObject;
    const one = await sync({
      ...first,
      execution_result: { ...result, status: 'CONTINUE', next_segment_to_run: 's02-answer' },
    });
    const result_id = { ...(result['result_id'] as JsonObject), loop_counter: 1, segment_id: 's02-answer' };
    const second = {
      ...result,
      result_id,
      delta: [{ op: 'reduce', field: 'log', reducer: 'append', value: ['again'] }],
      new_history_logs: [],
    };
    const two = await sync({ ...first, state_data: one.state_data, execution_result: second });
    const joined = await sync(
      sample(
        'aggregate_branches',
        { pending_branches: [] },
        { branches: [two.state_data.branch_pointer as never] },
      ),
    );
    expect(joined.state_data.current_state).toMatchObject({
      log: ['classified 2 tickets', 'again'],
      classes: [{ id: 'T-1' }, { id: 'T-2' }],
    });
    expect(joined.state_data.usage.llm_calls).toBe(4);
  });

  test('gives the same bag in whatever order the branches come', async () => {
    const { sync } = await aService();
    const branches = readEvent('aggregate_branches')['branches'] as never[];
    const reversed = await sync(sample('aggregate_branches', {}, { branches: [...branches].reverse() }));
    expect(JSON.stringify(reversed)).toBe(JSON.stringify(await sync(sample('aggregate_branches'))));
  });

  test('the later branch wins a field that two wrote, and the history says so', async () => {
    const { sync } = await aService();
    const branches = (readEvent('aggregate_branches')['branches'] as JsonObject[]).map((branch) => ({
      ...branch,
      delta: [{ op: 'set', field: 'both', value: branch['branch_index'] ?? 0 }],
    }));
    const { state_data } = await sync(sample('aggregate_branches', {}, { branches }));
    expect(state_data.current_state).toMatchObject({ both: 1 });
    expect(state_data.state_history.at(-1)).toMatchObject({
      type: 'join_conflict',
      status: 'NOTED',
      summary: expect.stringContaining('branches 0, 1; the value of branch 1 stays'),
    });
  });

  test.each([
    [false, 'FAILED'],
    [true, 'CONTINUE'],
  ])('a failed branch that is optional: %s ends the group %s', async (optional, next_action) => {
    const { sync } = await aService();
    const failure = {
      segment_id: 's9',
      branch_path: '1',
      status: 'FAILED',
      error: 'Node.Failed',
      message: 'no',
      node_id: 'n9',
    };
    const branches = (readEvent('aggregate_branches')['branches'] as JsonObject[]).map((branch) =>
      branch['branch_index'] === 1 ? { ...branch, status: 'FAILED', failures: [failure] } : branch,
    );
    const group = [0, 1].map((branch_index) => ({
      branch_id: `b${branch_index}`,
      branch_index,
      first_segment: 'a',
      last_segment: 'b',
      optional,
    }));
    const envelope = await sync(sample('aggregate_branches', {}, { branches: branches as never, group }));
    expect(envelope.next_action).toBe(next_action);
    expect(failed(envelope)).toEqual(failure);
    expect(envelope.state_data.current_state).not.toHaveProperty('low');
  });

  test('a branch that left nothing fails the group with the reason of the Map', async () => {
    const { sync } = await aService();
    const branches = (readEvent('aggregate_branches')['branches'] as never[]).slice(0, 1);
    const envelope = await sync(
      sample(
        'aggregate_branches',
        {},
        { branches, map_error: { Error: 'States.Timeout', Cause: 'too slow' } },
      ),
    );
    expect(envelope.next_action).toBe('FAILED');
    expect(failed(envelope)).toMatchObject({
      error: 'States.Timeout',
      message: 'branch high-urgency left no result: too slow',
    });
  });

  test('refuses to join where the bag waits for no group', async () => {
    const { sync } = await aService();
    await expect(sync(sample('aggregate_branches', { next_action: 'CONTINUE' }))).rejects.toMatchObject({
      name: 'Result.OutOfOrder',
    });
  });
});

describe('answers', () => {
  test.each([
    ['an object', { choice: 'yes' }, { choice: 'yes' }],
    ['a scalar', 'yes', { raw_result: 'yes' }],
    ['nothing', null, { raw_result: null }],
    ['a list', [1], [1]],
  ])('%s is the answer itself', async (_what, callback_result, expected) => {
    const { sync } = await aService();
    const { state_data, next_action } = await sync(
      sample('merge_callback', {}, { callback_result: callback_result as never }),
    );
    expect(next_action).toBe('CONTINUE');
    expect(state_data).toMatchObject({
      current_state: { hitp_response: expected },
      last_hitp_response: expected,
      loop_counter: 2,
    });
  });

  test('an answer that looks like a pointer is data', async () => {
    const { sync } = await aService();
    const forged = { type: 's3_reference', s3_path: 's3://elsewhere/x' };
    const { state_data } = await sync(sample('merge_callback', {}, { callback_result: forged }));
    expect(state_data.current_state).toMatchObject({ hitp_response: { __escaped: forged } });
  });

  test('an answer given twice is applied once; one to another pause is out of order', async () => {
    const { sync } = await aService();
    const once = await sync(sample('merge_callback'));
    expect(await sync({ ...sample('merge_callback'), state_data: once.state_data })).toEqual(once);
    const other = {
      ...(readEvent('merge_callback')['callback_result'] as JsonObject),
      result_id: { execution_id: 'run-0001', branch_path: '', loop_counter: 0, segment_id: 's02-answer' },
    };
    await expect(sync(sample('merge_callback', {}, { callback_result: other }))).rejects.toMatchObject({
      name: 'Result.OutOfOrder',
    });
  });

  test('a misspelt answer is refused, not taken for data', async () => {
    const { sync } = await aService();
    const callback_result = {
      ...(readEvent('merge_callback')['callback_result'] as JsonObject),
      status: 'APPROVED',
    };
    await expect(sync(sample('merge_callback', {}, { callback_result }))).rejects.toMatchObject({
      name: 'Contract.EventRejected',
    });
  });

  test('a failed answer fails the run with its reason', async () => {
    const { sync } = await aService();
    const answer = {
      ...(readEvent('merge_async')['async_result'] as JsonObject),
      status: 'FAILED',
      error_info: { error: 'Llm.OutputInvalid', message: 'no JSON', node_id: 'summarise' },
    };
    const envelope = await sync(sample('merge_async', {}, { async_result: answer }));
    expect(envelope.next_action).toBe('FAILED');
    expect(failed(envelope)).toMatchObject({ error: 'Llm.OutputInvalid', node_id: 'summarise' });
  });
});

describe('maps', () => {
  const chunks = (count: number, status = 'COMPLETE') =>
    Array.from({ length: count }, (_, index) => ({
      chunk_id: `c${index}`,
      status,
      execution_order: count - index,
      output: index,
    }));

  test('text orders do not put 10 before 2; items without an order come last, as they came', async () => {
    const { sync } = await aService();
    const execution_result = [
      { output: 'late' },
      { execution_order: 10, output: 10 },
      { execution_order: 2, output: 2 },
      { output: 'later' },
    ];
    const { state_data } = await sync(sample('aggregate_distributed', {}, { execution_result }));
    expect(state_data.current_state).toMatchObject({ answers: [2, 10, 'late', 'later'] });
  });

  test.each([
    ['nothing', [], 'COMPLETE', { total: 0, succeeded: 0, failed: 0 }],
    ['only failures', chunks(3, 'FAILED'), 'FAILED', { total: 3, succeeded: 0, failed: 3 }],
    [
      'a failure among others',
      [...chunks(2), ...chunks(1, 'FAILED')],
      'CONTINUE',
      { total: 3, succeeded: 2, failed: 1 },
    ],
    ['one scalar', 7, 'CONTINUE', { total: 1, succeeded: 1, failed: 0 }],
  ])('%s', async (_what, execution_result, next_action, summary) => {
    const { sync } = await aService();
    const next = next_action === 'COMPLETE' ? { segment_to_run: null } : {};
    const envelope = await sync(
      sample('aggregate_distributed', next, { execution_result: execution_result as never }),
    );
    expect(envelope).toMatchObject({
      next_action,
      state_data: { distributed_chunk_summary: summary, chunk_count: summary.total },
    });
  });

  test('a hundred chunks, a hundred branches, twenty batches, each at its largest, stay a few KB', async () => {
    const { sync } = await aService();
    const execution_result = Array.from({ length: 100 }, (_, index) => ({
      chunk_id: 'c'.repeat(5_000),
      status: 'S'.repeat(5_000),
      s3_path: `s3://${'k'.repeat(5_000)}`,
      execution_order: index,
    }));
    const scheduling_metadata = {
      total_batches: 20,
      total_items: 10_000,
      priority: 'p'.repeat(5_000),
      batch_details: Array.from({ length: 20 }, () => ({ note: 'n'.repeat(2_000) })),
    };
    const event = sample('aggregate_distributed', {}, { execution_result, scheduling_metadata });
    const { field: _none, ...withoutField } = event;
    const { state_data } = await sync(withoutField);
    expect(byteSizeOf(state_data)).toBeLessThan(16_384);
    expect(state_data.distributed_chunk_summary?.chunk_results).toHaveLength(10);
    expect(state_data.scheduling_summary).toMatchObject({
      total_batches: 20,
      total_items: 10_000,
      pointer: { type: 's3_reference' },
    });
  });

  test('reads the result files of a map run', async () => {
    const { store, sync } = await aService();
    const put = (key: string, value: object) =>
      store.put(`s3://${BUCKET}/runs/acme/run-0001/map/${key}` as S3Uri, {
        body: Buffer.from(JSON.stringify(value)),
        encoding: 'json',
      });
    await put('m/manifest.json', {
      ResultFiles: {
        SUCCEEDED: [{ Key: 'runs/acme/run-0001/map/m/SUCCEEDED_0.json' }],
        FAILED: [{ Key: 'runs/acme/run-0001/map/m/FAILED_0.json' }],
        PENDING: [],
      },
    });
    await put('m/SUCCEEDED_0.json', [
      {
        Status: 'SUCCEEDED',
        Output: JSON.stringify([
          { chunk_id: 'b', execution_order: 2, output: 'B' },
          { chunk_id: 'a', execution_order: 1, output: 'A' },
        ]),
      },
    ]);
    await put('m/FAILED_0.json', [{ Status: 'FAILED', Name: 'child', Error: 'Node.Failed' }]);
    const ResultWriterDetails = { Bucket: BUCKET, Key: 'runs/acme/run-0001/map/m/manifest.json' };
    const { state_data } = await sync(
      sample('aggregate_distributed', {}, { execution_result: { MapRunArn: 'arn', ResultWriterDetails } }),
    );
    expect(state_data).toMatchObject({
      current_state: { answers: ['A', 'B'] },
      distributed_chunk_summary: { total: 3, failed: 1 },
    });
  });
});

describe('snapshots', () => {
  test('restore gives back the state, place and loop of a snapshot, one resume later', async () => {
    const { sync, invoke, store } = await aService();
    const before = (await sync(sample('sync'))).state_data;
    const snapshot = await invoke({
      action: 'create_snapshot',
      state_data: before,
      snapshot_type: 'manual',
      now: before.start_time,
    });
    expect((snapshot['state_data'] as unknown as StateBag).current_state).toEqual(before.current_state);
    const damaged = {
      ...before,
      current_state: { lost: true },
      loop_counter: 9,
      segment_to_run: null,
      status: 'FAILED',
      next_action: 'FAILED',
    };
    const { state_data, next_action } = await sync({
      action: 'restore',
      state_data: damaged,
      snapshot_s3_path: snapshot['snapshot_s3_path'],
      now: before.start_time,
    });
    expect({ ...state_data, last_update_time: before.last_update_time, payload_size_kb: 0 }).toEqual({
      ...before,
      resume_count: 1,
      payload_size_kb: 0,
    });
    expect(next_action).toBe('CONTINUE');
    expect(store).toBeInstanceOf(MemoryObjectStore);
  });

  test('a snapshot of another run cannot be restored', async () => {
    const { sync } = await aService();
    await expect(
      sync(
        sample(
          'restore',
          {},
          { snapshot_s3_path: `s3://${BUCKET}/runs/acme/run-2/snapshots/${'a'.repeat(64)}.json` },
        ),
      ),
    ).rejects.toMatchObject({
      name: 'Pointer.Foreign',
    });
  });
});
