import { expect, test } from '@jest/globals';
import type { ChunkOutcomes, ItemOutcome } from '@statebag/contracts/schemas/map';
import { law } from '@statebag/law';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import fc from 'fast-check';
import { type Outcome, outcomesInOrder, type StoredChunk } from './outcomes-in-order.ts';

interface Left {
  readonly places: readonly number[];
  readonly ok: boolean;
}

/** What chunks left: each some places, the later ones by later tries. */
async function inOrder(left: readonly Left[], total: number) {
  const chunks = left.map(
    ({ places }, age): StoredChunk => ({
      chunk_id: String(age),
      execution_order: places[0] ?? 0,
      s3_path: `s3://b/${age}`,
      counts: { total: places.length, succeeded: 0, failed: 0 },
    }),
  );
  const most = { open: 0, loaded: 0 };
  const load = async ({ chunk_id }: StoredChunk): Promise<ChunkOutcomes> => {
    most.loaded += 1;
    const { places = [], ok = false } = left[Number(chunk_id)] ?? {};
    const outcomes = places.map(
      (index): ItemOutcome => (ok ? { index, status: 'SUCCEEDED', value: Number(chunk_id) } : failed(index)),
    );
    return { schema_version: 1, chunk_id: String(chunk_id), outcomes, usage: NO_USAGE };
  };
  const found: Outcome[] = [];
  for await (const outcome of outcomesInOrder(chunks, total, load)) found.push(outcome);
  return { found, loaded: most.loaded };
}

function failed(index: number): ItemOutcome {
  return { index, status: 'FAILED', error: { error: 'Node.Failed', message: 'no', node_id: null } };
}

test('every item has one outcome, in its place: the latest that succeeded, else the latest, else none', async () => {
  const places = fc
    .uniqueArray(fc.nat(29), { minLength: 1 })
    .map((list) => list.sort((left, right) => left - right));
  const chunks = fc.array(fc.record({ places, ok: fc.boolean() }), { maxLength: 12 });
  const property = fc.asyncProperty(chunks, async (left) => {
    const { found, loaded } = await inOrder(left, 30);
    expect(loaded).toBe(left.length);
    for (const [index, outcome] of found.entries()) {
      const tries = left
        .map((chunk, age) => ({ ...chunk, age }))
        .filter((chunk) => chunk.places.includes(index));
      const best = tries.findLast(({ ok }) => ok);
      const expected = best
        ? { index, status: 'SUCCEEDED', value: best.age }
        : tries.length > 0
          ? failed(index)
          : { index, status: 'MISSING' };
      expect(outcome).toEqual(expected);
    }
    expect(found).toHaveLength(30);
  });
  await law(property, { cases: 200 });
});

test('a chunk that cannot be read ends it', async () => {
  const chunk: StoredChunk = { chunk_id: '0', execution_order: 0, s3_path: 's3://b/0' };
  const outcomes = outcomesInOrder([chunk, { ...chunk, chunk_id: '1', execution_order: 1 }], 2, () =>
    Promise.reject(new Error('gone')),
  );
  await expect(outcomes.next()).rejects.toThrow('gone');
});
