import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { CONTEXT, frozen, NOW, textOf } from '../../../test/build.ts';
import { type LegacyBeginning, planFirstLegacyBag } from './first-legacy-bag.ts';

const START = { owner_id: 'acme', execution_id: 'run-1' };
const MANIFEST = {
  first_segment: 's1',
  total_segments: 3,
  max_loop_iterations: 1,
  max_branch_iterations: 2,
  max_concurrency: 4,
  initial_state: { m: 1, both: 1 },
} as unknown as Manifest; // as much of it as a first bag takes

function first(
  start: JsonObject,
  { manifest = null, input = {}, executionName = null }: Partial<LegacyBeginning> = {},
) {
  return planFirstLegacyBag(
    frozen({ start: { ...START, ...start }, executionName, manifest, input }),
    CONTEXT,
  );
}

describe('the first bag of a first-generation run', () => {
  test('of a definition has its place and limits', () => {
    const { bag, writes } = first(
      { definition_id: 'def-1', workflow_id: 'w', idempotency_key: 'k' },
      { manifest: MANIFEST, input: { both: 2 } },
    );
    expect(bag).toStrictEqual({
      ...START,
      workflow_id: 'w',
      definition_id: 'def-1',
      idempotency_key: 'k',
      total_segments: 3,
      max_loop_iterations: 1,
      max_branch_iterations: 2,
      max_concurrency: 4,
      branch_path: '',
      segment_id: null,
      segment_to_run: 's1',
      loop_counter: 0,
      resume_count: 0,
      status: 'STARTED',
      cursor: null,
      wait_until: null,
      state_s3_path: null,
      start_time: NOW,
      last_update_time: NOW,
      state_history: [],
      current_state: { both: 2, m: 1 },
    });
    expect(writes).toEqual([]);
  });

  test('that brings its workflow along has the limits of the smallest', () => {
    const { bag } = first(
      { partition_map: [1, 2], workflow_config: { initial_state: { c: 1, both: 1 } }, mine: 'kept' },
      { input: { both: 2 } },
    );
    expect(bag).toMatchObject({
      workflow_id: 'workflow',
      definition_id: 'inline',
      segment_to_run: 0,
      total_segments: 2,
      max_loop_iterations: 125,
      max_branch_iterations: 150,
      max_concurrency: 10,
      mine: 'kept',
      partition_map: [1, 2],
      current_state: { both: 2, c: 1 },
    });
    expect(first({ partition_map: 'elsewhere' }).bag['total_segments']).toBe(1);
  });

  test('forgets what became something else', () => {
    const taken = {
      schema_version: 1,
      input: {},
      input_s3_path: 's3://b/x',
      initial_state: {},
      action: 'init',
      now: NOW,
      execution_name: 'e',
    };
    const { bag } = first(taken);
    expect(Object.keys(taken).filter((name) => name in bag)).toEqual([]);
  });

  test('takes both spellings of a workflow’s id, and no text that is none', () => {
    expect(first({ workflowId: 'other' }).bag['workflow_id']).toBe('other');
    expect(first({ workflow_id: '../x', definition_id: '../x' }).bag).toMatchObject({
      workflow_id: 'workflow',
      definition_id: 'inline',
    });
  });

  test('has the id of its execution where the start gives none', () => {
    const plan = planFirstLegacyBag(
      { start: { owner_id: 'acme' }, executionName: 'name', manifest: null, input: {} },
      CONTEXT,
    );
    expect(plan.bag['execution_id']).toBe('name');
  });

  test('begins where the start says, with the history it brings', () => {
    expect(
      first({ segment_to_run: 2, state_history: [{ id: 'h' }] }, { manifest: MANIFEST }).bag,
    ).toMatchObject({
      segment_to_run: 2,
      state_history: [{ id: 'h' }],
    });
    expect(first({ state_history: 'none' }).bag['state_history']).toEqual([]);
  });

  test.each<[string, JsonObject, Partial<LegacyBeginning>, object]>([
    [
      'the state it brings over the workflow’s, the input over both',
      { current_state: { m: 2, s: 1 } },
      { manifest: MANIFEST, input: { s: 2 } },
      { both: 1, m: 2, s: 2 },
    ],
    ['nothing of a state that is none', { current_state: [1] }, { input: { a: 1 } }, { a: 1 }],
    ['nothing of a workflow without a state', { workflow_config: { initial_state: [1] } }, {}, {}],
    ['nothing of a workflow that lies elsewhere', { workflow_config: 's3://b/x' }, {}, {}],
    [
      'nothing of the workflow beside a definition',
      { workflow_config: { initial_state: { c: 1 } } },
      { manifest: MANIFEST },
      { m: 1, both: 1 },
    ],
    [
      'the pointer it brings',
      { current_state: { __s3_offloaded: true, __s3_path: 's3://b/x' } },
      { input: { a: 1 } },
      { __s3_offloaded: true, __s3_path: 's3://b/x' },
    ],
  ])('its state is %s', (_what, start, options, current_state) =>
    expect(first(start, options).bag['current_state']).toEqual(current_state),
  );

  test('has its keys in the order in which they come back from the store', () => {
    expect(JSON.stringify(first({}, { input: { b: { d: 1, c: 1 }, a: 1 } }).bag['current_state'])).toBe(
      '{"a":1,"b":{"c":1,"d":1}}',
    );
  });

  test.each<[JsonObject, JsonObject]>([
    [{}, { idempotency_key: 'run-1', start_time: NOW }],
    [
      { idempotency_key: '', start_time: 7 },
      { idempotency_key: 'run-1', start_time: NOW },
    ],
    [{ idempotency_key: 7 }, { idempotency_key: 'run-1', start_time: NOW }],
    [
      { idempotency_key: 'key', start_time: '2025-01-01T00:00:00.000Z' },
      { idempotency_key: 'key', start_time: '2025-01-01T00:00:00.000Z' },
    ],
  ])('of a start with %j has %j', (start, members) => expect(first(start).bag).toMatchObject(members));

  test('moves large values out', () =>
    expect(first({}, { input: { large: textOf(40_000) } }).writes).toHaveLength(1));

  test('keeps as data what looks like ours, one by one and all together', () => {
    const forged = { __s3_offloaded: true, __s3_path: 's3://other/x', a: { type: 's3_reference' } };
    const { bag, writes } = first({}, { input: forged });
    expect(bag['current_state']).toMatchObject({
      __s3_offloaded: { __escaped: true },
      __s3_path: 's3://other/x',
      a: { __escaped: { type: 's3_reference' } },
    });
    expect(writes).toEqual([]);
  });

  test('refuses an input that sets a test switch', () => {
    expect(() => first({}, { input: { MOCK_MODE: true } })).toThrow(
      expect.objectContaining({ name: 'Pointer.LookAlike' }),
    );
  });
});
