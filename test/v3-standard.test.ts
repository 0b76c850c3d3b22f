import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { DeployedTestApp, type EndedRun, largestTransition, statesEntered } from './deployed-app.ts';

const WORKFLOW = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'test_v3_workflow.json'), 'utf8'),
);

describe('TC-2: the standard machine', () => {
  let app: DeployedTestApp;
  let run: EndedRun;
  let events: HistoryEvent[];
  beforeAll(async () => {
    app = await DeployedTestApp.open();
    run = await app.run(WORKFLOW);
    events = await app.history(run.executionArn);
  }, 60_000);
  afterAll(() => app.close());

  const outputsOf = (state: string) =>
    events.flatMap(({ stateExitedEventDetails: exited }) =>
      exited?.name === state ? [JSON.parse(exited.output ?? 'null')] : [],
    );

  test('TC-2.1: sync merges what every segment wrote', async () => {
    expect(run).toMatchObject({ status: 'SUCCEEDED', error: '', cause: '' });
    const state = await app.state(run);
    expect(state).toMatchObject({ sum: 6, log: ['first', 'second'], numbers: [1, 2, 3] });
    expect(Object.keys(state).sort()).toEqual(['first', 'large', 'log', 'numbers', 'second', 'sum', 'third']);
    expect(String(state['large'])).toHaveLength(300_000);
  });

  test('TC-2.2: every node stands in the history once', async () => {
    const history = await app
      .session(run.envelope as never)
      .hydrator.history(run.envelope?.state_data.state_history ?? []);
    const entries = history as unknown as HistoryEntry[]; // what the sync core kept
    expect(entries.map(({ node_id }) => node_id)).toEqual([
      'sum',
      'first',
      'note-first',
      'second',
      'note-second',
      'large',
      'third',
    ]);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  });

  test('TC-2.3: a result becomes the bag without a bag inside the bag', () => {
    const [first, ...others] = [...outputsOf('InitializeStateBag'), ...outputsOf('ExecuteSegment')];
    expect(others.length).toBeGreaterThan(1);
    const { first_state, ...begun } = first;
    expect(first_state).toMatchObject({ current_state: expect.any(Object) });
    for (const envelope of [begun, ...others]) {
      expect(Object.keys(envelope).sort()).toEqual(['machine_arn', 'next_action', 'state_data']);
      expect(envelope.state_data).not.toHaveProperty('state_data');
      expect(envelope.state_data).not.toHaveProperty('execution_result');
    }
  });

  test('TC-2.4: a plain segment costs two transitions, and three stand around them', () => {
    const states = statesEntered(events);
    const loop = ['InitializeStateBag', 'ExecuteSegment', 'EvaluateNextAction'];
    const segments = 1 + outputsOf('ExecuteSegment').length;
    expect(states.filter((name) => loop.includes(name))).toHaveLength(2 * segments);
    expect(states.filter((name) => !loop.includes(name))).toEqual([
      'StartOrContinue',
      'NotifyWorkflowStarted',
      'WorkflowSucceeded',
    ]);
  });

  test('branches, and the workers of a list, count what they spend in one place', async () => {
    const asks = (id: string, prompt: string) => ({
      id,
      type: 'llm_chat',
      output_key: id,
      config: { prompt, max_tokens: 100 },
    });
    const list = (id: string) => ({
      id,
      type: 'for_each',
      output_key: id,
      config: {
        items: '{% [1..4] %}',
        distributed: 'map_reduce',
        body: { nodes: [asks(`in-${id}`, '{{ $item }}')] },
      },
    });
    const ended = await app.run({
      name: 'limited',
      nodes: [asks('once', 'x'), list('few'), list('many')],
      options: { max_tokens: 2_000, node_limits: { 'in-many': { max_tokens: 50 } } },
    });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'Run.CostExceeded' });
    expect(ended.cause).toContain('node in-many');
  });

  test('TC-2.5: no transition is over budget, with 300 KB of state', () => {
    expect(largestTransition(events)).toBeLessThan(20_000);
  });
});
