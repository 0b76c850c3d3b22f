import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { NodeId, OwnerId, SegmentId } from '@statebag/contracts/ids';
import { BUDGET, THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ChunkOutcomes, ChunkReply, ProcessChunkEvent } from '@statebag/contracts/schemas/map';
import { byteSizeOf } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { stepHandler } from '@statebag/step-kit';
import { compileWorkflow, type LlmProviders, publishDefinition, readWorkflow } from '@statebag/workflow';
import { processSegmentChunk } from './process-segment-chunk.ts';

const BUCKET = `state-${'b'.repeat(57)}`;
const OWNER = `o${'w'.repeat(63)}` as OwnerId; // as long as ids may be
const RUN = `r${'n'.repeat(63)}`;
const NOW = '2026-01-31T12:00:00.000Z' as ProcessChunkEvent['now'];
const SILENT = { event: () => {}, line: () => {} };

const DOCUMENT = {
  name: 'map',
  initial_state: { numbers: [] },
  nodes: [
    {
      id: 'each',
      type: 'for_each',
      output_key: 'all',
      config: {
        distributed: 'batched',
        items: '{% numbers %}',
        max_concurrency: 1,
        body: {
          nodes: [{ id: 'ask', type: 'llm_chat', output_key: 'answer', config: { prompt: '{{ $item }}' } }],
        },
      },
    },
  ],
};

type Answer = (prompt: string) => Promise<string>;

/** A worker with a store of its own, a model that answers as told, and as much time as told. */
async function aWorker(answer: Answer, remaining: () => number = () => 600_000, listed = '') {
  const store = new MemoryObjectStore();
  const { workflow } = readWorkflow(JSON.stringify(DOCUMENT), { file: 'map.json' });
  if (!workflow) throw new Error('the workflow is not valid');
  const compiled = compileWorkflow(workflow);
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, store);
  const providers: LlmProviders = async () => ({
    complete: async ({ prompt }) => ({ text: await answer(prompt), input_tokens: 1, output_tokens: 1 }),
  });
  const open = async () => ({ body: Readable.from([Buffer.from(listed)]), etag: '' });
  const write = () => Promise.reject(new Error('a worker writes no list'));
  const streams = () => ({ open, write });
  const process = openStore(store);
  const config = { bucket: BUCKET, functionName: 'test', thresholds: THRESHOLDS };
  const invoke = stepHandler(processSegmentChunk({ providers, streams }), {
    config,
    process,
    log: SILENT,
    clock: () => 0,
  });
  const place = { owner_id: OWNER, execution_id: RUN, definition_id: compiled.definition_id };
  const work = (
    items: ProcessChunkEvent['items'],
    {
      previous = null,
      ...tried
    }: { previous?: ChunkReply | null; retry_count?: number; last_try?: boolean } = {},
  ) => invoke(anEvent(place, { items, previous, ...tried }), { getRemainingTimeInMillis: remaining });
  const outcomes = async (reply: ChunkReply) =>
    // what the worker wrote
    (await openSession(openStore(store), { bucket: BUCKET, ...place } as never).hydrator.object(
      reply,
    )) as ChunkOutcomes;
  return { work, outcomes };
}

function anEvent(
  place: JsonObject,
  {
    items,
    previous,
    retry_count = 0,
    ...more
  }: Pick<ProcessChunkEvent, 'items' | 'last_try'> & {
    retry_count?: number;
    previous: ChunkReply | null;
  },
) {
  const request = {
    kind: 'map',
    node_id: 'each' as NodeId,
    field: 'all',
    strategy: 'batched',
    loop: '',
    retry_of: null,
  };
  const control = {
    schema_version: 3,
    workflow_id: 'map',
    branch_path: '',
    segment_id: 's01-each' as SegmentId,
    loop_counter: 1,
    resume_count: 0,
    start_time: NOW,
  };
  // ids that are good by sight
  return {
    batch: { ...control, ...place, current_state: {}, request, previous },
    items,
    now: NOW,
    retry_count,
    ...more,
  } as unknown as ProcessChunkEvent;
}

const upTo = (count: number, from = 0) =>
  Array.from({ length: count }, (_, place) => ({ index: from + place, item: `item ${from + place}` }));

describe('a worker of a map', () => {
  test('answers in 512 bytes, however long the names of the run and however many its items', async () => {
    const { work } = await aWorker(async (prompt) => prompt);
    const reply = await work(upTo(3, 99_990));
    expect(reply).toMatchObject({
      chunk_id: '99990',
      status: 'COMPLETE',
      execution_order: 99_990,
      counts: { total: 3, succeeded: 3, failed: 0 },
    });
    const digits = 3 * ('100000'.length - 1) + 'CONTINUE'.length - 'COMPLETE'.length + '.zst'.length;
    expect(byteSizeOf(reply) + digits).toBeLessThanOrEqual(BUDGET.branchPointer);
  });

  test('whose time is over keeps what it has; the next one does the rest and nothing twice', async () => {
    const asked: string[] = [];
    const answer: Answer = async (prompt) => {
      asked.push(prompt);
      await pause(30);
      return prompt;
    };
    let remaining = 3_600; // 3,500 are kept for storing and replying
    const { work, outcomes } = await aWorker(answer, () => remaining);
    const items = upTo(10);
    const first = await work(items);
    expect(first.status).toBe('CONTINUE');
    expect(first.counts.succeeded).toBeLessThan(10);
    remaining = 600_000;
    const second = await work(items, { previous: first });
    expect(second).toMatchObject({ status: 'COMPLETE', counts: { total: 10, succeeded: 10, failed: 0 } });
    expect((await outcomes(second)).outcomes).toEqual(
      items.map(({ index, item }) => ({ index, status: 'SUCCEEDED', value: item })),
    );
    expect((await outcomes(second)).usage.llm_calls).toBe(10);
    expect(asked).toEqual(items.map(({ item }) => item));
  });

  test('always finishes an item, however little time there is', async () => {
    const { work } = await aWorker(
      async (prompt) => prompt,
      () => 0,
    );
    let reply = await work(upTo(3));
    for (let more = 0; more < 2; more += 1) reply = await work(upTo(3), { previous: reply });
    expect(reply).toMatchObject({ status: 'COMPLETE', counts: { succeeded: 3 } });
  });

  test('leaves the same, byte for byte, when it is asked again', async () => {
    const { work } = await aWorker(async (prompt) =>
      prompt === 'item 1' ? Promise.reject(new StatebagError('Llm.Refused', 'no')) : prompt,
    );
    expect(await work(upTo(4))).toEqual(await work(upTo(4)));
  });

  test('fails as a whole for what may pass, and only on its last try as the item', async () => {
    let asked = 0;
    const { work, outcomes } = await aWorker(async (prompt) => {
      asked += 1;
      return prompt === 'item 2' ? Promise.reject(new StatebagError('Llm.Unavailable', 'busy')) : prompt;
    });
    await expect(work(upTo(4))).rejects.toMatchObject({ name: 'Llm.Unavailable' });
    // that many times no place was free, which says nothing of the items
    await expect(work(upTo(4), { retry_count: 9 })).rejects.toMatchObject({ name: 'Llm.Unavailable' });
    const reply = await work(upTo(4), { last_try: true });
    expect(reply).toMatchObject({ status: 'COMPLETE', counts: { total: 4, succeeded: 3, failed: 1 } });
    expect((await outcomes(reply)).outcomes[2]).toMatchObject({
      index: 2,
      status: 'FAILED',
      error: { error: 'Llm.Unavailable', node_id: 'ask' },
    });
    // two recorded before the first try ended, one before the second; of the others the last try asked for two
    expect(asked).toBe(6);
  });

  test.each([
    ['fewer lines than were written', '{"index":0,"item":1}\n'],
    ['a line that is no item', '{"index":0,"item":1}\n{"place":1}\n'],
    ['a line that is cut', '{"index":0,"item":1}\n{"index":'],
  ])('does not work on a slice with %s', async (_what, text) => {
    const { work } = await aWorker(
      async (prompt) => prompt,
      () => 600_000,
      text,
    );
    const s3_path = `s3://${BUCKET}/runs/${OWNER}/${RUN}/map/m/items.jsonl` as S3Uri; // a good address by sight
    const slice = { execution_order: 0, count: 2, s3_path, offset: 0, bytes: text.length };
    await expect(work(slice)).rejects.toMatchObject({ name: 'Store.ObjectCorrupt' });
  });

  test('stores a large value by itself', async () => {
    const { work, outcomes } = await aWorker(async () => 'x'.repeat(40_000));
    expect((await outcomes(await work(upTo(1)))).outcomes).toEqual([
      { index: 0, status: 'SUCCEEDED', pointer: expect.objectContaining({ size_bytes: 40_002 }) },
    ]);
  });
});
