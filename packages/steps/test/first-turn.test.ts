import { beforeEach, describe, expect, test } from '@jest/globals';
import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { ErrorCode } from '@statebag/contracts/errors';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { envelopesIn } from '@statebag/runs/history';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { textOf } from '@statebag/state-core/testing';
import { type StepDeps, type StepLine, stepHandler } from '@statebag/step-kit';
import { compileWorkflow, publishDefinition, readWorkflow } from '@statebag/workflow';
import {
  actionHandler,
  initializeStateData,
  type Outside,
  segmentHandler,
  segmentTurn,
} from '../src/index.ts';

const BUCKET = 'state';
const IDS = { owner_id: 'acme', workflow_id: 'w', execution_id: 'run-1' };
const NOW = '2026-01-31T12:00:00.000Z';
const CONTEXT = { getRemainingTimeInMillis: () => 600_000 };

/** Combines a list, changes a large field, deletes nothing, and asks a service last. */
const DOCUMENT = {
  name: 'w',
  initial_state: { log: ['begun'], kept: textOf(9_000, 3) },
  state: { reducers: { log: 'append' } },
  nodes: [
    { id: 'note', type: 'data_transform', output_key: 'log', config: { transform: "{% ['noted'] %}" } },
    {
      id: 'large',
      type: 'data_transform',
      output_key: 'large',
      config: { transform: "{% $pad(large, 40000, 'x') %}" },
    },
    { id: 'ask', type: 'api_call', output_key: 'answer', config: { url: 'https://example.com/' } },
  ],
};
const INPUT = { large: textOf(20_000), looks: { type: 's3_reference', s3_path: 's3://state/x' } };

let store: MemoryObjectStore;
let definition_id: string;
beforeEach(async () => {
  store = new MemoryObjectStore();
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(DOCUMENT), { file: 'w.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const compiled = compileWorkflow(workflow);
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: IDS.owner_id as never }, store);
  ({ definition_id } = compiled);
});

/** A runner whose service answers, or fails so. */
function runner(fails?: ErrorCode) {
  const lines: StepLine[] = [];
  const told: string[] = [];
  const calls: string[] = [];
  const deps: StepDeps = {
    config: { bucket: BUCKET, functionName: 'test', thresholds: THRESHOLDS },
    process: openStore(store),
    log: { event: (_level, { event }) => void told.push(event), line: (line) => void lines.push(line) },
    clock: () => 0,
  };
  const outside = {
    async http({ url }: { url: string }) {
      calls.push(url);
      return { status: 200, headers: {}, text: '{"ok":true}' };
    },
    async mayCall() {
      if (fails) throw new StatebagError(fails, 'it fails so');
    },
    clock: () => Date.parse(NOW),
  } as unknown as Outside; // no node asks for more
  return { deps, outside, lines, told, calls };
}

function start(retry_count: number): JsonObject {
  const event = { schema_version: 3, ...IDS, definition_id, input: INPUT };
  return { action: 'init', start: event, now: NOW, retry_count };
}

async function stateOf({ state_data }: Envelope): Promise<JsonObject> {
  const reader = { bucket: BUCKET, ...state_data };
  return openSession(openStore(store), reader).hydrator.fields(state_data, 'all');
}

/** The bag and the segment by a function each, in the order of the state machine. */
async function apart() {
  const { deps, outside } = runner();
  const { retry_count: _one, ...event } = start(0);
  const bare = (await stepHandler(initializeStateData, deps)(event, CONTEXT)) as Envelope;
  const turn = { schema_version: 3, state_data: bare.state_data, now: NOW, retry_count: 0 };
  return { bare, after: (await stepHandler(segmentTurn(outside), deps)(turn, CONTEXT)) as Envelope };
}

describe('a run that begins with its first segment', () => {
  test('ends that segment as two functions would, and both states are kept', async () => {
    const { deps, outside, lines } = runner();
    const reply = JSON.stringify(await segmentHandler(outside, deps)(start(0), CONTEXT));
    const [after, before] = envelopesIn(reply);
    if (!after || !before) throw new Error('there are two envelopes in the reply');
    const expected = await apart();
    for (const [folded, each] of [
      [after, expected.after],
      [before, expected.bare],
    ] as const) {
      expect(await stateOf(folded)).toEqual(await stateOf(each));
      const {
        current_state: _state,
        state_s3_path: _index,
        payload_size_kb: _size,
        ...bag
      } = each.state_data;
      expect(folded).toMatchObject({ next_action: each.next_action, state_data: bag });
    }
    expect(lines).toMatchObject([{ outcome: 'ok', s3: { puts: 2 } }]); // one of them the record of the call
  });

  test('after a failed try it is the bag alone, the same that init gives', async () => {
    const { deps, outside, calls } = runner();
    expect(await segmentHandler(outside, deps)(start(1), CONTEXT)).toEqual((await apart()).bare);
    expect(calls).toEqual([]);
  });

  test('an error that another try may mend ends the try', async () => {
    const { deps, outside } = runner('Store.Unavailable');
    await expect(segmentHandler(outside, deps)(start(0), CONTEXT)).rejects.toMatchObject({
      name: 'Store.Unavailable',
    });
  });

  test('what fails for good is told, and left to sync beside the first bag', async () => {
    const { bare } = await apart();
    store = await withoutSegments(store);
    const { deps, outside, lines, told } = runner();
    const reply = (await segmentHandler(outside, deps)(start(0), CONTEXT)) as Envelope;
    expect(reply).toMatchObject({ next_action: 'STARTED', state_data: bare.state_data });
    expect([...envelopesIn(JSON.stringify(reply))]).toEqual([bare]);
    expect([lines.map(({ outcome }) => outcome), told]).toEqual([
      ['Definition.SegmentUnknown'],
      ['step_failed'],
    ]);
    const { state_data, execution_result } = reply;
    const event = { action: 'sync', state_data, execution_result, now: NOW, retry_count: 0 };
    expect(await actionHandler(deps)(event, CONTEXT)).toMatchObject({
      next_action: 'FAILED',
      state_data: {
        failed_segments: [{ error: 'Definition.SegmentUnknown', node_id: null, status: 'FAILED' }],
      },
    });
  });
});

/** What the definition lists is gone. */
async function withoutSegments(from: MemoryObjectStore): Promise<MemoryObjectStore> {
  const to = new MemoryObjectStore();
  for (const uri of from.uris()) if (!uri.includes('/segments/')) await to.put(uri, await from.get(uri));
  return to;
}
