import { describe, expect, test } from '@jest/globals';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import { CONTEXT, frozen, storedText, textOf } from '../../test/build.ts';
import { planFailures, planLists } from './plan-lists.ts';

describe('lists beside the state', () => {
  test('stay as they are where they are short; what is absent stays absent', () => {
    const lists = frozen({
      pending_branches: [{ branch_id: 'b', branch_index: 0 }],
      last_hitp_response: null,
      chunk_count: 3,
    });
    expect(planLists(lists, CONTEXT)).toStrictEqual({ standing: lists, writes: [] });
  });

  test.each([
    [0, false],
    [1, true],
  ])('%i byte over 12 KB leave: %s', (over, leaves) => {
    const text = textOf(12_288 - 2 + over);
    const { standing, writes } = planLists({ last_hitp_response: text }, CONTEXT);
    expect(standing).toStrictEqual({
      last_hitp_response: leaves
        ? expect.objectContaining({ s3_path: writes[0]?.uri, size_bytes: 12_289 })
        : text,
    });
    expect(writes.map(storedText)).toEqual(leaves ? [JSON.stringify(text)] : []);
    expect(writes.every(({ uri }) => uri.includes('/run-1/blobs/'))).toBe(true);
  });

  test('leave each by itself', () => {
    const pending_branches = Array.from({ length: 400 }, (_, branch_index) => ({
      branch_id: 'b'.repeat(50),
      branch_index,
    }));
    const { standing, writes } = planLists(
      { pending_branches, distributed_outputs: [textOf(13_000)], last_hitp_response: 'short' },
      CONTEXT,
    );
    expect(standing).toMatchObject({
      pending_branches: { s3_path: writes[0]?.uri },
      distributed_outputs: { s3_path: writes[1]?.uri },
      last_hitp_response: 'short',
    });
    expect(writes).toHaveLength(2);
  });
});

describe('failures', () => {
  const failures = (count: number, from = 0): FailedSegment[] =>
    Array.from({ length: count }, (_, index) => ({
      segment_id: null,
      branch_path: '',
      status: 'FAILED',
      error: 'E',
      message: `m${from + index}`,
      node_id: null,
    }));

  test('are left alone where none is added', () =>
    expect(planFailures(failures(7), [], CONTEXT)).toEqual({ standing: {}, writes: [] }));

  test('stand in the bag, the new ones first, while they are five', () => {
    expect(planFailures(failures(3), failures(2, 3), CONTEXT)).toStrictEqual({
      standing: { failed_segments: [...failures(2, 3), ...failures(3)] },
      writes: [],
    });
  });

  test('lie in the store from the sixth on, the first five also in the bag', () => {
    const { standing, writes } = planFailures(failures(4), failures(2, 4), CONTEXT);
    const all = [...failures(2, 4), ...failures(4)];
    expect(standing).toStrictEqual({
      failed_segments: all.slice(0, 5),
      failed_segments_s3_path: expect.objectContaining({ s3_path: writes[0]?.uri }),
    });
    expect(writes.map((write) => JSON.parse(storedText(write)))).toEqual([all]);
    expect(writes[0]?.uri).toContain('/run-1/blobs/');
  });

  test('have their texts shortened in the bag and whole in the store', () => {
    const long = failures(6).map((failure) => ({
      ...failure,
      error: 'E'.repeat(300),
      message: 'm'.repeat(1_100),
    }));
    const { standing, writes } = planFailures([], long, CONTEXT);
    expect(standing.failed_segments?.[0]).toMatchObject({
      error: `${'E'.repeat(253)}…`,
      message: `${'m'.repeat(1_021)}…`,
    });
    expect(writes.map((write) => JSON.parse(storedText(write)))).toEqual([long]);
  });
});
