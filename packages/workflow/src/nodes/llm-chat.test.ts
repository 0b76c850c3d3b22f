import { describe, expect, test } from '@jest/globals';
import { accept, type JsonObject } from '@statebag/contracts';
import type { BranchPath } from '@statebag/contracts/ids';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import type { AsyncLlmRequest } from '@statebag/contracts/schemas/pause-request';
import { validateAsyncModelCall } from '@statebag/contracts/validators';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { TEST_RUN, testLedger } from '../../test/run-in-segments.ts';
import { compileWorkflow, createProviders, evaluateInMemory, readWorkflow, runSegment } from '../index.ts';
import { askModel, questionOf } from '../providers/ask-model.ts';

const PROMPT = 'What is up with the router in room 7?';

function workflowOf(config: JsonObject) {
  const ask = {
    id: 'ask',
    type: 'llm_chat',
    output_key: 'answer',
    config: { prompt: 'What is up with {{ thing }} in room 7?', ...config },
  };
  const document = { name: 'asks', initial_state: { thing: 'the router' }, nodes: [ask] };
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'asks.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

/** Runs the only segment of a workflow with one question. */
async function run(config: JsonObject, store = new MemoryObjectStore()): Promise<SegmentDraft> {
  const { segments, manifest } = compileWorkflow(workflowOf(config));
  const segment = segments.get(manifest.first_segment);
  if (!segment) throw new Error('no segment');
  return runSegment({
    segment,
    state: { thing: 'the router' },
    // the root of a run
    run: {
      ...TEST_RUN,
      branch_path: '' as BranchPath,
      loop_counter: 0,
      resume_count: 0,
      cursor: null,
      now: TEST_RUN.start_time,
    },
    deadline: Number.POSITIVE_INFINITY,
    clock: () => 0,
    ledger: testLedger(store),
    providers: createProviders(),
  });
}

function requestOf({ request }: SegmentDraft): {
  readonly request: AsyncLlmRequest;
  readonly call: AsyncModelCall;
} {
  if (request?.kind !== 'async_llm') throw new Error('nothing was handed over');
  return { request, call: accept<AsyncModelCall>(validateAsyncModelCall, request.call, 'call') };
}

describe('an asynchronous question', () => {
  test('is handed over whole: resolved, with its place and the time a worker may take', async () => {
    const draft = await run({ async: true, model: 'default', temperature: 0.5 });
    const { request, call } = requestOf(draft);
    expect([draft.status, draft.delta]).toEqual(['PAUSED_FOR_ASYNC_LLM', []]);
    expect(request).toMatchObject({ node_id: 'ask', field: 'answer', timeout_seconds: 960 });
    expect(call).toMatchObject({
      provider: 'mock',
      model: 'default',
      prompt: PROMPT,
      temperature: 0.5,
      tries: 2,
      timeout_ms: 840_000,
      loop: '',
      item: '',
    });
  });

  test('is handed over too where it is expected to take longer than a segment', async () => {
    expect((await run({ expected_ms: 800_000 })).status).toBe('PAUSED_FOR_ASYNC_LLM');
    expect((await run({ expected_ms: 1_000 })).status).toBe('COMPLETE');
  });

  test('has the key that the ledger knows it by, so what a worker recorded is used at once', async () => {
    const store = new MemoryObjectStore();
    const { request, call } = requestOf(await run({ async: true }, store));
    const place = {
      node_id: request.node_id,
      node_version: call.node_version,
      loop: call.loop,
      item: call.item,
    };
    const keys: string[] = [];
    await testLedger(store).call(place, {
      input: questionOf(call),
      unsafe: false,
      perform: async (key) => {
        keys.push(key);
        return { result: { answer: 'From the worker.' }, usage: { ...NO_USAGE, llm_calls: 1 } };
      },
    });
    expect(keys).toEqual([request.ledger_key]);
    const again = await run({ async: true }, store);
    expect(again).toMatchObject({
      status: 'COMPLETE',
      delta: [{ field: 'answer', value: 'From the worker.' }],
      usage: { llm_calls: 1 },
    });
  });

  test('gets the answer that it would have got at once, and in memory', async () => {
    const { request, call } = requestOf(await run({ async: true }));
    const asked = await askModel(call, {
      providers: createProviders(),
      key: request.ledger_key,
      timeLeft: (millis) => millis,
    });
    const inMemory = await evaluateInMemory(
      workflowOf({ async: true }),
      {},
      { ...TEST_RUN, providers: createProviders() },
    );
    expect(inMemory['answer']).toBe(asked.result['answer']);
  });
});
