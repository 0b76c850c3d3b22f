import { expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { type Replayed, replayedAfter } from './replayed.ts';

const model = (id: string, config: object) => ({ id, type: 'llm_chat', output_key: id, config });

/** A run with a call, a wait, a person, workers, a model that is asked apart, and a group. */
const DOCUMENT = {
  name: 'replayed',
  version: '1',
  nodes: [
    { id: 'start', type: 'input', config: { fields: ['text'] } },
    model('first', { provider: 'openai', prompt: 'About {{ text }} at {{ $now() }}' }),
    { id: 'rest', type: 'wait', config: { seconds: 60 } },
    { id: 'ask', type: 'human_approval', output_key: 'said', config: { message: 'Go on with {{ first }}?' } },
    {
      id: 'each',
      type: 'for_each',
      output_key: 'list',
      config: {
        items: '{% [1..12] %}',
        distributed: 'batched',
        batch_size: 5,
        body: { nodes: [model('item', { provider: 'openai', prompt: 'Item {{ $item }}' })] },
      },
    },
    model('apart', { provider: 'openai', prompt: 'Sum {{ list }}', async: true }),
    {
      id: 'get',
      type: 'api_call',
      output_key: 'got',
      config: { method: 'POST', url: 'https://a.example/', body: '{% apart %}' },
    },
  ],
};
const OPTIONS = {
  input: { text: 'x'.repeat(40_000) },
  answers: {
    first: 'y'.repeat(9_000),
    item: ({ item }: { item: string }) => `item ${item}`,
    apart: 'z'.repeat(35_000),
    get: { id: 7 },
  },
  approve: { ask: 'approve' },
};

const replayed = (look: Parameters<typeof replayedAfter>[2] = {}): Promise<Replayed> =>
  replayedAfter(JSON.parse(JSON.stringify(DOCUMENT)), OPTIONS, look);

test('everything that a run did comes out as it did then', async () => {
  const { run, report } = await replayed();
  expect(run.status).toBe('SUCCEEDED');
  expect(report).toMatchObject({ equal: true, differences: [], faults: [] });
  expect(report.segments.equal).toBe(report.segments.repeated);
  expect(report.segments.repeated).toBeGreaterThan(5);
  expect(report.calls).toBe(15);
});

test('attempts that were killed are counted, and what the last one did is repeated', async () => {
  let calls = 0;
  const dies = () => {
    calls += 1;
    return calls % 5 === 2 ? 'after' : calls % 5 === 4 ? 'before' : null;
  };
  const { report } = await replayed({ dies });
  expect(report).toMatchObject({ equal: true, differences: [], faults: [] });
  expect(report.failed_attempts).toBeGreaterThan(4);
});

test('another answer in the ledger is found where it first shows, with both values', async () => {
  const { report } = await replayed({
    damage: (body, uri: S3Uri) => {
      if (!uri.includes('/ledger/')) return null;
      const { sha256: _, ...record } = JSON.parse(Buffer.from(body).toString());
      if (record.node_id !== 'first') return null;
      return Buffer.from(JSON.stringify({ ...record, result: { answer: `n${'y'.repeat(8_999)}` } }));
    },
  });
  expect(report.equal).toBe(false);
  expect(report.differences[0]).toMatchObject({
    state: 'InitializeStateBag',
    path: '$.state.first',
    recorded: 'y'.repeat(9_000),
    replayed: `n${'y'.repeat(8_999)}`,
  });
});

test('an object that is gone is named', async () => {
  let gone = '';
  const { report } = await replayed({
    damage: (_, uri) => {
      if (gone !== '' || !/\/(blobs|packs)\//.test(uri)) return null;
      gone = uri;
      return 'gone';
    },
  });
  expect(report.equal).toBe(false);
  expect(JSON.stringify(report)).toContain(gone);
});
