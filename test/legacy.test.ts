import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { isFieldPointer } from '@statebag/contracts/pointers';
import { DeployedTestApp, largestTransition, statesEntered, transform } from './deployed-app.ts';
import { LEGACY_INPUT, LEGACY_WORKFLOW, legacyStart, legacyState, runLegacy } from './legacy-app.ts';

let app: DeployedTestApp;

beforeAll(async () => {
  app = await DeployedTestApp.open();
});
afterAll(() => app.close());

describe('TC-1: a workflow on the first generation', () => {
  test('ends with the state that v3 ends with, having moved out what is large', async () => {
    const ended = await runLegacy(app, await legacyStart(app, LEGACY_WORKFLOW, { input: LEGACY_INPUT }));
    expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
    const { current_state: standing } = ended.bag;
    expect(isFieldPointer((standing as JsonObject)['handbook'])).toBe(true);
    const v3 = await app.run(LEGACY_WORKFLOW, LEGACY_INPUT);
    expect(await legacyState(app, ended.bag)).toEqual(await app.state(v3));
  });

  test('takes the steps its users know', async () => {
    const { executionArn } = await runLegacy(
      app,
      await legacyStart(app, LEGACY_WORKFLOW, { input: { tickets: [] } }),
    );
    const entered = statesEntered(await app.history(executionArn));
    expect(entered.slice(0, 9)).toEqual([
      'StartOrContinue',
      'InitializeStateData',
      'CheckIdempotency',
      'LoadLatestState',
      'NotifyWorkflowStarted',
      'CheckSegmentStatus',
      'SaveLatestState',
      'ExecuteSegment',
      'UpdateStateData',
    ]);
    expect(entered.slice(-3)).toEqual(['RecordCompleted', 'NotifyWorkflowCompleted', 'WorkflowSucceeded']);
  });

  test('runs a workflow and partition map that travel with the run, by their numbers', async () => {
    const partition_map = [
      { id: 'first', nodes: ['intake', 'classify', 'note', 'handbook', 'replace', 'size'] },
      { id: 'group', nodes: ['both'] },
      { id: 'write', nodes: ['draft', 'polish', 'drafted'] },
      { id: 'reckon', nodes: ['count', 'counted'] },
      { id: 'small', nodes: ['small'] },
      { id: 'last', nodes: ['close'] },
    ];
    const start = {
      owner_id: 'test',
      workflow_id: 'travelling',
      execution_id: 'travelling-1',
      workflow_config: LEGACY_WORKFLOW,
      partition_map,
      input: LEGACY_INPUT,
      mine: 'kept',
    };
    const ended = await runLegacy(app, start);
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(ended.bag).toMatchObject({
      mine: 'kept',
      definition_id: 'inline',
      segment_id: 5,
      segment_to_run: null,
    });
    const v3 = await app.run(LEGACY_WORKFLOW, LEGACY_INPUT);
    expect(await legacyState(app, ended.bag)).toEqual(await app.state(v3));
  });
});

describe('a whole state that just stays inline', () => {
  test('passes every transition, in branches too', async () => {
    const parts = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, name.repeat(24_500)]));
    const group = {
      id: 'both',
      type: 'parallel_group',
      config: {
        branches: [
          { nodes: [transform('left', '{% $length(a) %}')] },
          { nodes: [transform('right', '{% $length(b) %}')] },
        ],
      },
    };
    const document = {
      name: 'large',
      initial_state: parts,
      nodes: [transform('begin', '{% 1 %}'), group, transform('end', '{% left + right %}')],
      edges: [
        { from: 'begin', to: 'both' },
        { from: 'both', to: 'end' },
      ],
    };
    const ended = await runLegacy(app, await legacyStart(app, document));
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    expect(await legacyState(app, ended.bag)).toEqual({
      ...parts,
      begin: 1,
      left: 24_500,
      right: 24_500,
      end: 49_000,
    });
    expect(largestTransition(await app.history(ended.executionArn))).toBeLessThan(262_144);
  });
});
