import { BRANCH_PATH_MAX_BYTES, type BranchPath } from '@statebag/contracts/ids';
import type { BranchPointer } from '@statebag/contracts/schemas/pointers';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { sha256Of } from './canonical-json.ts';

/**
 * The path of a branch or item below another: indices joined by dots, those of the iterations that its group
 * is in before its own, so that no two
 * iterations of a loop share a path. A path that grows too long goes on as its hash.
 */
export function childBranchPath(parent: BranchPath, index: number, loop = ''): BranchPath {
  const path = [parent, loop, String(index)].filter((part) => part !== '').join('.');
  const fits = path.length <= BRANCH_PATH_MAX_BYTES && !parent.startsWith('h');
  // built from an index and a path: the grammar of branch paths
  return (fits ? path : `h${sha256Of(path)}`) as BranchPath;
}

/** Which branch a bag is of: as it was named before; else the last index of its path says it. */
export function branchOf({
  branch_pointer,
  branch_path,
}: StateBag): Pick<BranchPointer, 'branch_id' | 'branch_index'> {
  if (branch_pointer)
    return { branch_id: branch_pointer.branch_id, branch_index: branch_pointer.branch_index };
  const branch_index = Number(/(\d+)$/.exec(branch_path)?.[1] ?? 0);
  return { branch_id: `branch-${branch_index}`, branch_index };
}
