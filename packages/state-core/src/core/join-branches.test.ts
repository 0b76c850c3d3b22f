import { describe, expect, test } from '@jest/globals';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import { anEntry, NOW, set } from '../../test/build.ts';
import { conflictEntry, joinBranches, writeConflicts } from './join-branches.ts';

const failure = (message: string): FailedSegment => ({
  segment_id: null,
  branch_path: '',
  status: 'FAILED',
  error: 'E',
  message,
  node_id: null,
});
const append: Delta[number] = { op: 'reduce', field: 'log', reducer: 'append', value: 1 };

function aRecord(
  branch_index: number,
  delta: Delta,
  status: BranchRecord['status'] = 'COMPLETE',
): BranchRecord {
  const usage = { llm_calls: 1, input_tokens: branch_index, output_tokens: 0, cost_nano_usd: 0 };
  const failures = [failure(`f${branch_index}`)]; // a branch that went on may have tolerated some of its own
  return {
    schema_version: 1,
    branch_id: `b${branch_index}`,
    branch_index,
    status,
    delta: [...delta],
    history: [anEntry(`h${branch_index}`)],
    usage,
    failures,
  };
}

describe('joining branches', () => {
  const records = [
    aRecord(10, [set('c', 1)]),
    aRecord(2, [set('b', 1)], 'FAILED'),
    aRecord(0, [set('a', 1)]),
    aRecord(1, [set('d', 1)], 'FAILED'),
  ];

  test('takes operations, history, usage and failures in branch order, 10 after 2', () => {
    const joined = joinBranches(records, (index) => index === 1);
    expect(joined).toEqual({
      delta: [set('a', 1), set('c', 1)],
      history: ['h0', 'h1', 'h2', 'h10'].map((id) => anEntry(id)),
      usage: { llm_calls: 4, input_tokens: 13, output_tokens: 0, cost_nano_usd: 0 },
      fatal: [failure('f2')],
      tolerated: [failure('f1')],
    });
  });

  test('leaves its input as it was', () => {
    const before = records.map(({ branch_index }) => branch_index);
    joinBranches(records, () => true);
    writeConflicts(records);
    expect(records.map(({ branch_index }) => branch_index)).toEqual(before);
  });

  test.each<[string, BranchRecord[], object[]]>([
    [
      'two writers of one field conflict',
      [aRecord(1, [set('a', 1)]), aRecord(0, [set('a', 2)])],
      [{ field: 'a', branches: [0, 1] }],
    ],
    [
      'a writer and a reducer conflict',
      [aRecord(0, [append]), aRecord(1, [set('log', 2)])],
      [{ field: 'log', branches: [0, 1] }],
    ],
    [
      'a deletion counts as writing',
      [aRecord(0, [{ op: 'delete', field: 'a' }]), aRecord(1, [set('a', 2)])],
      [{ field: 'a', branches: [0, 1] }],
    ],
    ['two reducers do not', [aRecord(0, [append]), aRecord(1, [append])], []],
    ['one branch writing twice does not', [aRecord(0, [set('a', 1), append, set('a', 2)])], []],
    ['a failed branch does not', [aRecord(0, [set('a', 1)]), aRecord(1, [set('a', 2)], 'FAILED')], []],
  ])('%s', (_law, branches, conflicts) => expect(writeConflicts(branches)).toEqual(conflicts));

  test('notes a conflict under an id of its place and field', () => {
    const place = { segment_id: 's1' as never, started_at: NOW, key: 'run-1//3' };
    const entry = conflictEntry({ field: 'a', branches: [0, 2, 4] }, place);
    expect(entry).toEqual({
      id: expect.stringMatching(/^join-[0-9a-f]{32}$/),
      segment_id: 's1',
      node_id: 's1',
      type: 'join_conflict',
      status: 'NOTED',
      started_at: NOW,
      ended_at: NOW,
      attempt: 1,
      summary: 'field "a" was written by branches 0, 2, 4; the value of branch 4 stays',
    });
    expect(conflictEntry({ field: 'b', branches: [0, 4] }, place).id).not.toBe(entry.id);
    expect(conflictEntry({ field: 'a', branches: [0, 4] }, { ...place, key: 'run-1//4' }).id).not.toBe(
      entry.id,
    );
  });
});
