import { describe, expect, test } from '@jest/globals';
import { type Json, StatebagError } from '@statebag/contracts';
import { BUDGET, THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { isStatePointer } from '@statebag/contracts/pointers';
import { aBag, anEntry, aResult, aRun, frozen, NOW, set, textOf } from '../test/build.ts';
import { byteSizeOf } from './core/canonical-json.ts';
import { chunkSummary } from './core/map-results.ts';
import { fieldPointer, planWrite } from './core/planned-write.ts';
import { MemoryObjectStore } from './store/memory-object-store.ts';
import type { ObjectStore, PutOutcome, StoredObject } from './store/object-store.ts';
import { storeAll } from './store/store-all.ts';
import { universalSyncCore } from './universal-sync-core.ts';

describe('syncing', () => {
  test('steers the bag on and leaves untouched fields the very same objects', async () => {
    const run = aRun();
    const bag = frozen({
      ...(await aBag({ kept: { deep: [1] }, changed: 1 }, run)),
      cursor: { node_id: 'n', item: 3 } as never,
    });
    const { envelope } = await universalSyncCore(
      bag,
      aResult(bag, [set('changed', 2)], { next_segment_to_run: 's2' as never }),
      run.context,
    );
    expect(envelope.state_data.current_state).toEqual({ kept: { deep: [1] }, changed: 2 });
    expect((envelope.state_data.current_state as { kept: object }).kept).toBe(
      (bag.current_state as { kept: object }).kept,
    );
    expect(envelope).toMatchObject({
      next_action: 'CONTINUE',
      state_data: {
        segment_id: 's1',
        segment_to_run: 's2',
        loop_counter: 1,
        history_events: 12,
        cursor: null,
      },
    });
    expect(run.session.counts).toMatchObject({ puts: 0, gets: 0 });
  });

  test('sends no request where untouched fields lie in the store', async () => {
    const run = aRun();
    const bag = await aBag({ a: textOf(20_000), b: textOf(20_000, 1) }, run);
    const before = { ...run.session.counts };
    await universalSyncCore(bag, aResult(bag, [set('c', 1)]), run.context);
    expect(run.session.counts).toEqual(before);
  });

  test('a reduce reads the one field it changes', async () => {
    const before = aRun();
    const list = Array.from({ length: 4_000 }, (_, index) => index);
    const bag = await aBag({ list, other: textOf(20_000) }, before);
    const run = aRun(before.process.store);
    const { envelope } = await universalSyncCore(
      bag,
      aResult(bag, [{ op: 'reduce', field: 'list', reducer: 'append', value: ['end'] }]),
      run.context,
    );
    expect(run.session.counts.gets).toBe(1);
    expect(
      ((await run.session.hydrator.fields(envelope.state_data, ['list'])) as { list: Json[] }).list,
    ).toEqual([...list, 'end']);
  });

  test('puts the failure that decided first, five in the bag and all in the store', async () => {
    const run = aRun();
    const bag = await aBag({}, run);
    const failure = (index: number) => ({
      segment_id: null,
      branch_path: '',
      status: 'FAILED' as const,
      error: 'Node.Failed',
      message: `${index}${'x'.repeat(5_000)}`,
      node_id: null,
    });
    const { envelope } = await universalSyncCore(
      bag,
      aResult(bag, [], {
        status: 'FAILED',
        failures: Array.from({ length: 9 }, (_, index) => failure(index)),
      }),
      run.context,
    );
    const { failed_segments, failed_segments_s3_path } = envelope.state_data;
    expect(failed_segments?.map(({ message }) => message[0])).toEqual(['0', '1', '2', '3', '4']);
    expect(byteSizeOf(failed_segments as Json)).toBeLessThan(7_000);
    expect(await run.session.hydrator.value(failed_segments_s3_path as Json)).toHaveLength(9);
    expect(envelope.next_action).toBe('FAILED');
  });

  test('null under an index is a value, not a deletion', async () => {
    const run = aRun();
    const bag = await aBag(
      Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(300, index)])),
      run,
    );
    const { envelope } = await universalSyncCore(
      bag,
      aResult(bag, [set('f0', null), { op: 'delete', field: 'f1' }]),
      run.context,
    );
    expect(isStatePointer(envelope.state_data.current_state)).toBe(true);
    expect(await run.session.hydrator.fields(envelope.state_data, ['f0', 'f1'])).toEqual({
      f0: null,
    });
  });

  test('folds a long overlay into a new index, and an index that shrank back into the bag', async () => {
    const run = aRun();
    let bag = await aBag(
      Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(300, index)])),
      run,
    );
    expect(isStatePointer(bag.current_state)).toBe(true);
    const first = bag.state_s3_path;
    bag = (await universalSyncCore(bag, aResult(bag, [set('new', textOf(7_000))]), run.context)).envelope
      .state_data;
    expect(bag.state_s3_path).toBe(first);
    bag = (await universalSyncCore(bag, aResult(bag, [set('newer', textOf(7_000, 1))]), run.context)).envelope
      .state_data;
    expect(bag.state_s3_path).not.toBe(first);
    const deletes = Array.from({ length: 60 }, (_, index) => ({ op: 'delete' as const, field: `f${index}` }));
    bag = (
      await universalSyncCore(
        bag,
        aResult(bag, [...deletes, set('new', textOf(11_000)), set('newer', 1)]),
        run.context,
      )
    ).envelope.state_data;
    expect(bag.state_s3_path).toBeNull();
    expect(await run.session.hydrator.fields(bag, 'all')).toEqual({
      new: textOf(11_000),
      newer: 1,
    });
  });

  test('seals any bag: 20 MB, 2,000 fields, 500 pending branches, 5,000 entries', async () => {
    const run = aRun();
    const bag = await aBag({}, run);
    const delta = Array.from({ length: 2_000 }, (_, index) => set(`field-${index}`, textOf(10_000, index)));
    const pending_branches = Array.from({ length: 500 }, (_, branch_index) => ({
      branch_id: 'b'.repeat(64),
      branch_index,
    }));
    const history = Array.from({ length: 5_000 }, (_, index) => anEntry(`h${index}`, textOf(200)));
    const { bagBytes } = await universalSyncCore(
      bag,
      aResult(bag, delta, { status: 'PARALLEL_GROUP', history, lists: { pending_branches } }),
      run.context,
    );
    expect(bagBytes).toBeLessThanOrEqual(BUDGET.bagBeforeMap);
  });

  test('seals in front of a map with every member at its largest and its texts as long as JSON can make them', async () => {
    const run = aRun();
    const text = '\u0000"\\'.repeat(20_000);
    const bag = await aBag(
      Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, textOf(300, index)])),
      run,
    );
    const failure = {
      segment_id: null,
      branch_path: '',
      status: 'FAILED' as const,
      error: text,
      message: text,
      node_id: null,
    };
    const chunks = chunkSummary(
      Array.from({ length: 100 }, () => ({ chunk_id: text, status: text, s3_path: text })),
    );
    const lists = {
      pending_branches: Array.from({ length: 129 }, (_, branch_index) => ({
        branch_id: 'b'.repeat(52),
        branch_index,
      })),
      distributed_outputs: ['x'.repeat(12_000)],
      last_hitp_response: 'x'.repeat(12_000),
      distributed_chunk_summary: chunks,
    };
    const result = aResult(bag, [set('new', textOf(11_000))], {
      status: 'PARALLEL_GROUP',
      lists,
      failures: Array.from({ length: 5 }, () => failure),
      history: [anEntry('h', textOf(7_900))],
    });
    const { bagBytes } = await universalSyncCore(bag, result, run.context);
    expect(bagBytes).toBeGreaterThan(70_000);
    expect(bagBytes).toBeLessThanOrEqual(BUDGET.bagBeforeMap);
  });

  test('refuses only what the control plane itself makes too large', async () => {
    const run = aRun();
    const bag = { ...(await aBag({}, run)), idempotency_key: 'k'.repeat(BUDGET.bag) };
    await expect(universalSyncCore(bag, aResult(bag, []), run.context)).rejects.toMatchObject({
      name: 'Bag.BudgetExceeded',
      message: expect.stringContaining('idempotency_key'),
    });
  });
});

describe('a run that changes one field after the other', () => {
  test('is read with about as many requests however long it was, and nothing dangles', async () => {
    const first = aRun();
    const values = new Map<string, Json>();
    let bag = await aBag({ start: textOf(40_000) }, first);
    for (let turn = 0; turn < 260; turn += 1) {
      const run = aRun(first.process.store);
      const [field, value] = [`f${turn % 120}`, textOf(2_000, turn)];
      const write = planWrite(value, 'blobs', run.context);
      await storeAll([write], run.session);
      const delta = [{ op: 'set' as const, field, pointer: fieldPointer(write, NOW) }];
      bag = (await universalSyncCore(bag, aResult(bag, delta), run.context)).envelope.state_data;
      values.set(field, value);
    }
    const { hydrator, counts } = aRun(first.process.store).session;
    const { start: _start, ...fields } = await hydrator.fields(bag, 'all');
    expect(new Map(Object.entries(fields))).toEqual(values);
    expect(counts.gets).toBeLessThan(32 + 40);
  });
});

describe('a store that fails', () => {
  const apart = { ...THRESHOLDS, packValue: 0 };
  const wide = Array.from({ length: 5 }, (_, index) => set(`f${index}`, textOf(9_000, index)));

  test.each(['Store.Unavailable', 'Store.AccessDenied'] as const)(
    '%s on any one write reaches the caller, and the next try gives the same bag',
    async (code) => {
      const expected = await synced(aRun(undefined, apart));
      for (let failing = 1; failing <= 3; failing += 1) {
        const memory = new MemoryObjectStore();
        await expect(synced(aRun(breaking(memory, failing, code), apart))).rejects.toMatchObject({
          name: code,
        });
        expect(await synced(aRun(memory, apart))).toBe(expected);
      }
    },
  );

  test('a write whose answer was lost is found done by the next try', async () => {
    const memory = new MemoryObjectStore();
    await expect(synced(aRun(losingAnswers(memory)))).rejects.toMatchObject({ name: 'Store.Unavailable' });
    const again = aRun(memory);
    expect(await synced(again)).toBe(await synced(aRun()));
    expect(again.session.counts.dedupe_hits).toBeGreaterThan(0);
  });

  test('two writers on the same keys give the same bag', async () => {
    const memory = new MemoryObjectStore();
    const [left, right] = await Promise.all([synced(aRun(memory)), synced(aRun(memory))]);
    expect(left).toBe(right);
  });

  async function synced(run: ReturnType<typeof aRun>): Promise<string> {
    const bag = await aBag({}, run);
    return JSON.stringify((await universalSyncCore(bag, aResult(bag, wide), run.context)).envelope);
  }
});

/** Fails the nth write. */
function breaking(
  store: ObjectStore,
  failing: number,
  code: 'Store.Unavailable' | 'Store.AccessDenied',
): ObjectStore {
  let writes = 0;
  return {
    get: (uri, range) => store.get(uri, range),
    async put(uri: S3Uri, object: StoredObject): Promise<PutOutcome> {
      writes += 1;
      if (writes === failing) throw new StatebagError(code, `${uri}: broken`);
      return store.put(uri, object);
    },
  };
}

/** Stores, then loses its answer. */
function losingAnswers(store: ObjectStore): ObjectStore {
  return {
    get: (uri, range) => store.get(uri, range),
    async put(uri, object) {
      await store.put(uri, object);
      throw new StatebagError('Store.Unavailable', `${uri}: the connection broke`);
    },
  };
}
