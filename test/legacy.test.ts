import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isFieldPointer, type JsonObject } from '@statebag/contracts';
import { DeployedTestApp, statesEntered } from './deployed-app.ts';
import { endLegacy, LEGACY_INPUT, LEGACY_WORKFLOW, legacyStart, legacyState, runLegacy, startLegacy } from './legacy-app.ts';

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
    const { executionArn } = await runLegacy(app, await legacyStart(app, LEGACY_WORKFLOW, { input: { tickets: [] } }));
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
    expect(ended.bag).toMatchObject({ mine: 'kept', definition_id: 'inline', segment_id: 5, segment_to_run: null });
    const v3 = await app.run(LEGACY_WORKFLOW, LEGACY_INPUT);
    expect(await legacyState(app, ended.bag)).toEqual(await app.state(v3));
  });
});

describe('a key of a run', () => {
  const slow: JsonObject = {
    name: 'slow',
    nodes: [
      { id: 'wait', type: 'wait', config: { seconds: 2 } },
      { id: 'done', type: 'data_transform', output_key: 'done', config: { transform: '{% true %}' } },
    ],
    edges: [{ from: 'wait', to: 'done' }],
  };

  test('lets no second run begin while the first is under way, and gives its result when it is done', async () => {
    const start = await legacyStart(app, slow, { idempotency_key: 'order-17' });
    const first = await startLegacy(app, start);
    const duplicate = await runLegacy(app, start);
    expect([duplicate.status, duplicate.error]).toEqual(['FAILED', 'Run.Duplicate']);
    const ended = await endLegacy(app, first);
    expect([ended.status, ended.cause]).toEqual(['SUCCEEDED', '']);
    const again = await runLegacy(app, start);
    expect([again.status, again.bag]).toEqual(['SUCCEEDED', ended.bag]);
    expect(statesEntered(await app.history(again.executionArn))).not.toContain('ExecuteSegment');
  });
});
