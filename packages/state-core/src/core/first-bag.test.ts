import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { isStatePointer } from '@statebag/contracts/pointers';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { CONTEXT, frozen, NOW, textOf } from '../../test/build.ts';
import { type Beginning, planFirstBag, refuseReserved } from './first-bag.ts';

const START = {
  owner_id: 'acme',
  workflow_id: 'triage',
  definition_id: '0f'.repeat(32),
  execution_id: 'run-1',
} as Beginning['start'];
const MANIFEST = {
  first_segment: 's1',
  total_segments: 3,
  max_loop_iterations: 125,
  max_branch_iterations: 150,
  max_concurrency: 10,
  initial_state: { a: 1, z: { y: 1, x: 2 } },
} as unknown as Manifest; // as much of it as a first bag takes

const first = (input: JsonObject, start: Partial<Beginning['start']> = {}) =>
  planFirstBag(frozen({ start: { ...START, ...start }, manifest: MANIFEST, input }), CONTEXT);

describe('the first bag of a run', () => {
  test('has run nothing and counted nothing', () => {
    expect(first({ a: 2 }).bag).toEqual({
      schema_version: 3,
      ...START,
      idempotency_key: null,
      branch_path: '',
      segment_id: null,
      segment_to_run: 's1',
      total_segments: 3,
      loop_counter: 0,
      resume_count: 0,
      max_loop_iterations: 125,
      max_branch_iterations: 150,
      max_concurrency: 10,
      distributed_strategy: null,
      status: 'STARTED',
      next_action: 'STARTED',
      cursor: null,
      wait_until: null,
      history_events: 0,
      state_s3_path: null,
      segment_manifest_s3_path: null,
      pre_snapshot_s3_path: null,
      post_snapshot_s3_path: null,
      guardrail_verified: false,
      batch_count_actual: 1,
      start_time: NOW,
      last_update_time: NOW,
      payload_size_kb: 0,
      current_state: { a: 2, z: { x: 2, y: 1 } },
      state_history: [],
      usage: { llm_calls: 0, input_tokens: 0, output_tokens: 0, cost_nano_usd: 0 },
    });
    expect(first({}, { idempotency_key: 'k' }).bag.idempotency_key).toBe('k');
  });

  test('has its keys in the order in which they come back from the store', () => {
    const { current_state } = first({ b: 1 }).bag;
    expect(JSON.stringify(current_state)).toBe('{"a":1,"b":1,"z":{"x":2,"y":1}}');
  });

  test('knows where its state lies when that is too wide for it', () => {
    const { bag, writes } = first(
      Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(300, index)])),
    );
    expect(isStatePointer(bag.current_state)).toBe(true);
    expect(bag.state_s3_path).toBe(writes.at(-1)?.uri);
  });

  test.each<[JsonObject, string, string]>([
    [{ fine: 1, MOCK_MODE: true }, 'MOCK_MODE', 'is a test switch, which only a deployment can set'],
    [
      JSON.parse('{"__proto__":{"a":1}}') as JsonObject,
      '__proto__',
      'has a name that could reach an object’s prototype',
    ],
    [
      { '__progress:each': { done: 3 } },
      '__progress:each',
      'has a name that Statebag keeps for the progress of nodes',
    ],
  ])('is refused for the input %j', (input, field, problem) => {
    const refusal = expect.objectContaining({
      name: 'Pointer.LookAlike',
      message: `the input field "${field}" ${problem}`,
      details: { field },
    });
    expect(() => first(input)).toThrow(refusal);
    expect(() => refuseReserved(input)).toThrow(refusal);
  });

  test.each<Json>([
    { type: 's3_reference', s3_path: 's3://other/x' },
    { __escaped: 1 },
    1,
    'text',
    null,
    [{ type: 's3_reference', s3_path: 's3://other/x' }],
    { deep: { __deleted: true } },
  ])('takes the value %j', (value) => {
    expect(() => refuseReserved({ value })).not.toThrow();
  });
});
