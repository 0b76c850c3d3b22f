import { expect, test } from '@jest/globals';
import { BRANCH_PATH_MAX_BYTES, type BranchPath } from '@statebag/contracts/ids';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { branchOf, childBranchPath } from './branch-path.ts';

const ROOT = '' as BranchPath; // the root of a run

test('a path is the indices on the way to the branch', () => {
  const second = childBranchPath(ROOT, 1);
  expect([second, childBranchPath(second, 0)]).toEqual(['1', '1.0']);
});

test('no two iterations of a loop share a path', () => {
  const paths = ['0', '1', '1.0'].map((loop) => childBranchPath(ROOT, 2, loop));
  expect(paths).toEqual(['0.2', '1.2', '1.0.2']);
});

test('a path that grows too long goes on as its hash, and stays short', () => {
  let path = ROOT;
  const seen = new Set<string>();
  for (let depth = 0; depth < 200; depth += 1) {
    path = childBranchPath(path, 7, '11');
    seen.add(path);
    expect(path.length).toBeLessThanOrEqual(BRANCH_PATH_MAX_BYTES);
  }
  expect([seen.size, path]).toEqual([200, expect.stringMatching(/^h[0-9a-f]{64}$/)]);
});

test.each([
  [0, /^1{254}\.7$/],
  [1, /^h[0-9a-f]{64}$/],
])('a path %i byte over the limit goes on as %s', (over, expected) => {
  expect(childBranchPath('1'.repeat(BRANCH_PATH_MAX_BYTES - 2 + over) as BranchPath, 7)).toMatch(expected);
});

test.each<[Partial<StateBag>, object]>([
  [{ branch_path: '0.12' as BranchPath }, { branch_id: 'branch-12', branch_index: 12 }],
  [{ branch_path: '12.0' as BranchPath }, { branch_id: 'branch-0', branch_index: 0 }],
  [{ branch_path: 'hash' as BranchPath }, { branch_id: 'branch-0', branch_index: 0 }],
  [
    {
      branch_path: '0.12' as BranchPath,
      branch_pointer: { branch_id: 'left', branch_index: 3, status: 'CONTINUE' } as never,
    },
    { branch_id: 'left', branch_index: 3 },
  ],
])('%j is of the branch %j', (bag, branch) => expect(branchOf(bag as StateBag)).toEqual(branch));
