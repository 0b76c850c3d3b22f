import { setTimeout as pause } from 'node:timers/promises';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { type AppOptions, DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { endLegacy, legacyStart, legacyState, runLegacy, startLegacy } from './legacy-app.ts';

let app: DeployedTestApp;
let asked: StoreTaskTokenEvent[] = [];
/** A segment that fails as often as it says. */
let failing: { segment: string; times: number } | null = null;

const POLL_MS = 10;

/**
 * Stands between the machine and its functions: keeps the tokens of approvals, and fails a segment where a
 * test says so.
 */
const between: AppOptions['between'] = async (invocation, invoke) => {
  const event: JsonObject = JSON.parse(invocation.payload);
  if (invocation.functionName.includes('storeTaskToken')) {
    asked.push(event as unknown as StoreTaskTokenEvent); // what the machine sends
    return { statusCode: 200, requestId: 'kept', executedVersion: '1', payload: 'null' };
  }
  const bag = event['state_data'] as JsonObject | undefined;
  if (
    !invocation.functionName.includes('executeSegment') ||
    !failing ||
    failing.times === 0 ||
    bag?.['segment_to_run'] !== failing.segment
  )
    return invoke(invocation);
  failing = { ...failing, times: failing.times - 1 };
  const error = JSON.stringify({ errorType: 'Node.Failed', errorMessage: 'failed on purpose', trace: [] });
  return {
    statusCode: 200,
    requestId: 'failed',
    executedVersion: '1',
    payload: error,
    functionError: 'Unhandled',
  };
};

beforeAll(async () => {
  app = await DeployedTestApp.open({ between });
});
afterAll(() => app.close());
beforeEach(() => {
  asked = [];
  failing = null;
});

async function answerTo(executionArn: string, output: Json) {
  while (asked.length === 0) await pause(POLL_MS);
  await app.sfn.send(
    new SendTaskSuccessCommand({ taskToken: asked[0]?.task_token, output: JSON.stringify(output) }),
  );
  return endLegacy(app, executionArn);
}

const ASKING: JsonObject = {
  name: 'asking',
  initial_state: { draft: 'Dear all', messages: [{ role: 'assistant', content: 'Dear all' }] },
  nodes: [
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Send it?' } },
    transform('said', "{% decision.choice & (revision_requested ? ', again' : '') %}"),
  ],
  edges: [{ from: 'ask', to: 'said' }],
};

describe('a person’s answer to a first-generation run', () => {
  test('that is text becomes a message of the user and asks for a revision', async () => {
    const ended = await answerTo(await startLegacy(app, await legacyStart(app, ASKING)), 'Shorter, please');
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({
      messages: [{ role: 'assistant' }, { role: 'user', content: 'Shorter, please' }],
      revision_requested: true,
      decision: { choice: 'revise', comment: 'Shorter, please' },
      said: 'revise, again',
    });
    expect(ended.bag['last_hitp_response']).toBe('Shorter, please');
  });

  test('that is a decision is merged where the approval asked for it; what follows runs once', async () => {
    const ended = await answerTo(await startLegacy(app, await legacyStart(app, ASKING)), {
      choice: 'approve',
      by: 'ann',
    });
    const state = await legacyState(app, ended.bag);
    expect(state).toMatchObject({
      decision: { choice: 'approve', by: 'ann' },
      said: 'approve',
      messages: [{ role: 'assistant' }],
    });
    const entered = statesEntered(await app.history(ended.executionArn));
    expect(entered.filter((name) => name === 'WaitForCallback')).toHaveLength(1);
    expect(entered.filter((name) => name === 'ExecuteSegment')).toHaveLength(2);
  });

  test('may come in a branch, whose rest goes on as an execution of its own', async () => {
    const group: JsonObject = {
      name: 'asking-in-a-branch',
      nodes: [
        {
          id: 'both',
          type: 'parallel_group',
          config: {
            branches: [
              { nodes: ASKING['nodes'] ?? [], edges: ASKING['edges'] ?? [] },
              { nodes: [transform('other', '{% 1 + 1 %}')] },
            ],
          },
        },
        transform('sum', "{% said & ' ' & other %}"),
      ],
      edges: [{ from: 'both', to: 'sum' }],
    };
    const ended = await answerTo(await startLegacy(app, await legacyStart(app, group)), { choice: 'reject' });
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ sum: 'reject 2' });
  });
});

describe('a key of a first-generation run', () => {
  test('lets no second run begin while the first is under way, and gives its result when it is done', async () => {
    const start = await legacyStart(app, ASKING, { idempotency_key: 'order-17' });
    const first = await startLegacy(app, start);
    while (asked.length === 0) await pause(POLL_MS);
    const duplicate = await runLegacy(app, start);
    expect([duplicate.status, duplicate.error]).toEqual(['FAILED', 'Run.Duplicate']);
    const ended = await answerTo(first, { choice: 'approve' });
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    const again = await runLegacy(app, start);
    expect([again.status, again.bag]).toEqual(['SUCCEEDED', ended.bag]);
    expect(statesEntered(await app.history(again.executionArn))).not.toContain('ExecuteSegment');
  });
});

describe('a first-generation run that failed', () => {
  const two: JsonObject = {
    name: 'two',
    options: { llm_per_segment: 1 },
    nodes: [llm('first'), llm('second')],
    edges: [{ from: 'first', to: 'second' }],
  };

  test('names why it failed, and goes on from there when it is started again under its key', async () => {
    failing = { segment: 's02-second', times: 1 };
    const start = await legacyStart(app, two, { idempotency_key: 'again-1' });
    const failed = await runLegacy(app, start);
    expect([failed.status, failed.error, failed.cause]).toEqual([
      'FAILED',
      'Node.Failed',
      'failed on purpose',
    ]);
    const again = await runLegacy(app, start);
    expect([again.status, again.cause]).toEqual(['SUCCEEDED', '']);
    const entered = statesEntered(await app.history(again.executionArn));
    expect(entered.filter((name) => name === 'ExecuteSegment')).toHaveLength(1);
    expect(Object.keys(await legacyState(app, again.bag)).sort()).toEqual(['first', 'second']);
  });

  test.each([
    ['fails with its branch', false, ['FAILED', 'Node.Failed']],
    ['goes on without a branch that is optional', true, ['SUCCEEDED', '']],
  ])('%s', async (_what, optional, expected) => {
    failing = { segment: 's02-left', times: 1 };
    const group: JsonObject = {
      name: 'one-fails',
      nodes: [
        {
          id: 'both',
          type: 'parallel_group',
          config: {
            branches: [
              { optional, nodes: [transform('left', '{% 1 %}')] },
              { nodes: [transform('right', '{% 2 %}')] },
            ],
          },
        },
      ],
    };
    const ended = await runLegacy(app, await legacyStart(app, group));
    expect([ended.status, ended.error]).toEqual(expected);
    if (optional) expect(await legacyState(app, ended.bag)).toEqual({ right: 2 });
  });

  test('at its beginning says so, and nothing runs', async () => {
    const ended = await runLegacy(app, await legacyStart(app, two, { input: { MOCK_MODE: true } }));
    expect([ended.status, ended.error]).toEqual(['FAILED', 'Pointer.LookAlike']);
    expect(statesEntered(await app.history(ended.executionArn))).toEqual([
      'StartOrContinue',
      'InitializeStateData',
      'NotifyInitFailed',
      'WorkflowFailed',
    ]);
  });
});

describe('a first-generation map', () => {
  test('works through its list as v3 does', async () => {
    const map: JsonObject = {
      name: 'map',
      initial_state: { factor: 3, collected_outputs: ['before'] },
      nodes: [
        {
          id: 'each',
          type: 'for_each',
          output_key: 'products',
          config: {
            items: '{% [1..30] %}',
            distributed: 'map_reduce',
            body: { nodes: [transform('product', '{% $item * factor %}')] },
          },
        },
        transform('sum', '{% $sum(products) %}'),
      ],
      edges: [{ from: 'each', to: 'sum' }],
    };
    const ended = await runLegacy(app, await legacyStart(app, map));
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toEqual(await app.state(await app.run(map)));
    expect(ended.bag).toMatchObject({ distributed_chunk_summary: { total: 30, succeeded: 30, failed: 0 } });
  });
});

function llm(id: string): JsonObject {
  return { id, type: 'llm_chat', output_key: id, config: { prompt: `What of ${id}?` } };
}
