import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import { aBag, anEntry, aResult, aRun, CONTEXT, set } from '../../test/build.ts';
import { planBranchRecord } from './branch-record.ts';
import { byteSizeOf } from './canonical-json.ts';

async function aStep(changes: Partial<Parameters<typeof planBranchRecord>[0]> = {}) {
  const result = aResult(await aBag({}, aRun()), [set('a', 1)], {
    history: [anEntry('h1')],
    usage: { llm_calls: 1, input_tokens: 2, output_tokens: 3, cost_nano_usd: 4 },
  });
  return {
    branch: { branch_id: 'left', branch_index: 2 },
    previous: null,
    result,
    operations: [set('a', 1)],
    nextAction: 'COMPLETE' as const,
    ...changes,
  };
}

async function recorded(changes?: Parameters<typeof aStep>[0]): Promise<BranchRecord> {
  const { writes } = planBranchRecord(await aStep(changes), CONTEXT);
  // the last write is the record
  return JSON.parse(Buffer.from(writes.at(-1)?.object.body ?? []).toString()) as BranchRecord;
}

describe('the record of a branch', () => {
  test('holds what the branch did, not what its state became', async () => {
    expect(await recorded()).toEqual({
      schema_version: 1,
      branch_id: 'left',
      branch_index: 2,
      status: 'COMPLETE',
      delta: [set('a', 1)],
      history: [anEntry('h1')],
      usage: { llm_calls: 1, input_tokens: 2, output_tokens: 3, cost_nano_usd: 4 },
      failures: [],
    });
  });

  test('goes on where the branch left off', async () => {
    const failure = {
      segment_id: null,
      branch_path: '2',
      status: 'FAILED' as const,
      error: 'E',
      message: 'm',
      node_id: null,
    };
    const previous = { ...(await recorded()), failures: [failure] };
    const append = { op: 'reduce' as const, field: 'log', reducer: 'append' as const, value: [1] };
    const { delta, history, usage, failures } = await recorded({
      previous,
      operations: [set('a', 2), append],
    });
    expect({ delta, history, usage, failures }).toEqual({
      delta: [set('a', 2), append],
      history: [anEntry('h1')],
      usage: { llm_calls: 2, input_tokens: 4, output_tokens: 6, cost_nano_usd: 8 },
      failures: [failure],
    });
  });

  test.each([
    ['COMPLETE', 'COMPLETE'],
    ['FAILED', 'FAILED'],
    ['CONTINUE', 'CONTINUE'],
    ['PAUSED_FOR_HITP', 'CONTINUE'],
  ] as const)('after %s its pointer says %s', async (nextAction, status) => {
    expect(planBranchRecord(await aStep({ nextAction }), CONTEXT).pointer.status).toBe(status);
  });

  test('lies where maps and branches lie', async () => {
    expect(planBranchRecord(await aStep(), CONTEXT).pointer.s3_path).toContain('/run-1/map/');
  });

  test.each([
    [0, false],
    [1, true],
  ])('its pointer gives the id up where that makes it %i byte too large: %s', async (over, givenUp) => {
    const sized = async (length: number) =>
      planBranchRecord(await aStep({ branch: { branch_id: 'b'.repeat(length), branch_index: 2 } }), CONTEXT)
        .pointer;
    const room = 512 - byteSizeOf(await sized(0));
    expect((await sized(room + over)).branch_id === 'branch-2').toBe(givenUp);
  });

  test.each([
    ['b'.repeat(64), 'b'.repeat(64)],
    ['💡'.repeat(64), 'branch-2'],
  ])('its pointer takes at most 512 bytes, also with the longest ids: %s', async (branch_id, expected) => {
    const location = {
      bucket: 'k'.repeat(63),
      owner_id: 'o'.repeat(64),
      execution_id: 'e'.repeat(64),
    } as typeof CONTEXT.location;
    const step = await aStep({
      branch: { branch_id, branch_index: 2 },
      operations: [set('a', 'x'.repeat(9_000))],
    });
    const { pointer } = planBranchRecord(step, { ...CONTEXT, location });
    expect(byteSizeOf(pointer as Json)).toBeLessThanOrEqual(512);
    expect(pointer.branch_id).toBe(expected);
  });
});
